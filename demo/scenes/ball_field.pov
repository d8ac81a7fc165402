// A ball on the lawn. Kind: 1 football, 2 beach ball, 3 basketball.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.5, 0.8, -0.5>;
View(<0.1, 0.34, -1.35>, <0, 0.17, 0>, 42)
CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.5, 1.4)
Daylight(Sun, <1.5, 1.4, 1.2>, <0.32, 0.40, 0.42>)
Haze(<0.62, 0.76, 0.92>, 200, 5)
object { Terrain(Flat, -60, 60, -4, 116, -1, 1, 30) MeadowTexture(<0.15, 0.26, 0.06>) }
#declare Patch = object { GrassPatch(2200, 0.03, 0.085, 0.006, <0.17, 0.33, 0.06>, 3) }
Lawn(Patch, -2.5, 2.5, -1.4, 4, 0.7, Flat, 8)
#declare FarPatch = object { GrassPatch(700, 0.05, 0.10, 0.012, <0.17, 0.33, 0.06>, 4) }
Lawn(FarPatch, -9, 9, 3.5, 14, 1, Flat, 9)
#declare Tree = union { BroadTree(7000, <0.09, 0.18, 0.05>, 5) }
Scatter(Tree, 40, -45, 45, 40, 70, Flat, -9, 9, 0.8, 1.3, 6)

#switch (Kind)
  #case (1)
    // Black pentagons around the twelve corners of an icosahedron.
    #declare G = (1 + sqrt(5)) / 2;
    #declare Corner = function(x, y, z) {
      max(max(max(abs(y + G * z), abs(y - G * z)), max(abs(x + G * y), abs(x - G * y))), max(abs(z + G * x), abs(z - G * x))) / sqrt(1 + G * G) / sqrt(x * x + y * y + z * z)
    }
    sphere {
      0, 1
      texture {
        function { Corner(x, y, z) }
        texture_map {
          [0.930 pigment { rgb 0.92 } finish { diffuse 0.8 specular 0.4 roughness 0.02 }]
          [0.934 pigment { rgb 0.015 } finish { diffuse 0.8 specular 0.4 roughness 0.02 }]
        }
      }
      rotate <20, 30, 12>
      scale 0.16 translate y * 0.165
    }
  #break
  #case (2)
    sphere {
      0, 0.22
      pigment {
        radial
        color_map {
          [1/6 rgb <0.80, 0.03, 0.03>] [1/6 rgb 0.92] [2/6 rgb 0.92] [2/6 rgb <0.02, 0.15, 0.65>] [3/6 rgb <0.02, 0.15, 0.65>] [3/6 rgb 0.92] [4/6 rgb 0.92]
          [4/6 rgb <0.95, 0.70, 0.02>] [5/6 rgb <0.95, 0.70, 0.02>] [5/6 rgb 0.92]
        }
      }
      finish { specular 0.9 roughness 0.005 reflection { 0.02, 0.2 } }
      rotate <-35, 20, 25>
      translate y * 0.22
    }
  #break
  #case (3)
    #declare Line = function(x, y, z) { min(min(abs(x), abs(y)), abs(abs(z) - 0.62 - 0.35 * y * y + 0.25 * x * x)) }
    sphere {
      0, 1
      texture {
        function { Line(x, y, z) }
        texture_map {
          [0.022 pigment { rgb 0.02 }]
          [0.026 pigment { rgb <0.72, 0.25, 0.05> } normal { bumps 0.5 scale 0.02 } finish { diffuse 0.8 specular 0.15 roughness 0.05 }]
        }
      }
      rotate <25, 30, 20>
      scale 0.18 translate y * 0.18
    }
  #break
#end
