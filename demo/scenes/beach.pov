// A sunny beach. Thing: 1 palms alone, 2 a parasol and a deck chair, 3 a sailing boat off the shore.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "palms.inc"
#include "boats.inc"

#declare Sun = <-0.5, 0.8, -0.4>;
View(<0, 2.0, -8>, <0.5, 2.35, 6>, 58)
CloudySky(Sun, <0.03, 0.20, 0.62>, <0.55, 0.78, 0.95>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.76, 0.82>, 0.36, 1.5)
Daylight(Sun, <1.5, 1.42, 1.25>, <0.36, 0.40, 0.45>)
Haze(<0.62, 0.80, 0.94>, 3000, 20)

#declare Shore = function(x, y, z) { 7.5 - 0.35 * x + 1.0 * sin(x * 0.33 + 0.7) + 0.4 * sin(x * 0.9) }
#declare Sand = function(x, y, z) { (Shore(x, 0, 0) - z) * 0.075 + 0.10 * Fbm(x * 0.7, 0, z * 0.7) - 0.05 }
object {
  Terrain(Sand, -60, 60, -12, 40, -5, 6, 700)
  texture {
    gradient y
    texture_map {
      [0.03 pigment { rgb <0.46, 0.37, 0.26> } finish { diffuse 0.7 reflection { 0.02, 0.4 } }]
      [0.15 pigment { bozo color_map { [0 rgb <0.78, 0.68, 0.50>] [1 rgb <0.86, 0.77, 0.60>] } scale 0.5 } normal { average normal_map { [1 granite 0.4 scale 0.5] [1 bumps 0.3 scale 0.05] } }]
    }
    translate y * -0.01
    scale 2
  }
}
plane {
  y, 0
  texture {
    function { min(1, max(0, (z - Shore(x, 0, 0)) / 30)) }
    texture_map {
      [0.00 WaterSurface(<0.16, 0.50, 0.48>, 0.9, 0.16)]
      [0.25 WaterSurface(<0.03, 0.36, 0.42>, 0.9, 0.22)]
      [1.00 WaterSurface(<0.01, 0.12, 0.26>, 1.2, 0.30)]
    }
  }
  interior { ior 1.33 }
}
plane {
  y, 0.008
  pigment {
    function { max(min(1, max(0, 1 - abs(z - Shore(x, 0, 0) - 0.6 - 0.9 * f_noise3d(x / 2, 4, 0)) / 1.2)), min(1, max(0, 1 - abs(z - Shore(x, 0, 0) - 5.5 - 2 * f_noise3d(x / 4, 9, 0)) / 0.7))) * (0.3 + Fbm(x * 1.6, 0, z * 3)) }
    color_map { [0.45 rgbt 1] [0.62 rgbt <1, 1, 1, 0.2>] [1 rgb 1] }
  }
  finish { diffuse 0.9 ambient 0.1 }
}
#declare Tree = union { Palm(3) }
#switch (Thing)
  #case (1)
    object { Tree scale 0.72 translate <-3.9, 0.5, 4.5> } object { Tree rotate y * 170 scale 0.66 translate <-3.2, 0.5, 3.8> } object { Tree scale 0.62 rotate y * 40 translate <-6.6, 0.8, 9> }
    object { Tree scale 0.6 rotate y * 160 translate <6.3, 0.2, 3.5> }
  #break
  #case (2)
    union {
      cylinder { <0, 0, 0>, <0, 2.6, 0>, 0.035 pigment { rgb 0.85 } }
      difference {
        sphere { 0, 1.7 scale <1, 0.55, 1> }
        sphere { 0, 1.68 scale <1, 0.55, 1> }
        box { <-3, -3, -3>, <3, 0.25, 3> }
        pigment { radial color_map { [0.5 rgb <0.80, 0.05, 0.04>] [0.5 rgb 0.95] } frequency 6 }
        finish { diffuse 0.8, 0.3 }
        translate y * 1.72
      }
      rotate z * -8
      translate <1.2, 0.6, 0.2>
    }
    #declare Chair = union {
      union {
      #for (S, -1, 1, 2)
        cylinder { <-0.75, 0.05, S * 0.32>, <0.55, 1.05, S * 0.32>, 0.028 }
        cylinder { <0.55, 0.0, S * 0.34>, <-0.55, 0.55, S * 0.34>, 0.028 }
      #end
      cylinder { <-0.55, 0.5, -0.34>, <-0.55, 0.5, 0.34>, 0.028 }
      pigment { rgb <0.55, 0.36, 0.18> }
      }
      union {
      box { <-0.55, 0.42, -0.28>, <0.05, 0.44, 0.28> }
      box { <0, 0, -0.28>, <0.95, 0.02, 0.28> rotate z * 52 translate <0.0, 0.40, 0> }
      pigment { gradient z color_map { [0.5 rgb <0.05, 0.25, 0.65>] [0.5 rgb 0.95] } scale 0.14 }
      }
    };
    object { Chair rotate y * 62 translate <0.2, 0.62, -0.9> }
    object { Tree scale 0.9 translate <-6.2, 0.7, 5> }
    // a towel
    box { <-0.5, 0, -0.9>, <0.5, 0.02, 0.9> pigment { gradient x color_map { [0.5 rgb <0.95, 0.7, 0.1>] [0.5 rgb <0.9, 0.35, 0.1>] } scale 0.25 } rotate <3, 20, 0> translate <2.6, 0.62, -1.2> }
  #break
  #case (3)
    object { SailingBoat(<0.9, 0.9, 0.9>, <0.95, 0.95, 0.93>) rotate y * -28 translate <4, 0, 34> }
    object { Tree rotate y * 150 scale 0.7 translate <-4.0, 0.6, 3> }
    object { SailingBoat(<0.1, 0.2, 0.5>, <0.9, 0.25, 0.15>) rotate y * 30 translate <-18, 0, 95> }
  #break
#end
