// The sun goes down over the sea; sand in front, a line of foam where the waves run out. Boat: 1 with a sailing boat.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"

#declare Sun = <0.12, 0.075, 1>;
#if (Boat)
  #include "boats.inc"
  View(<0, 3.4, -4>, <0.9, 4.0, 10>, 52)
  object { SailingBoat(<0.30, 0.20, 0.15>, <0.75, 0.55, 0.40>) scale 1.3 rotate y * 25 translate <-6, 0, 52> }
  object { SailingBoat(<0.30, 0.20, 0.15>, <0.75, 0.55, 0.40>) rotate y * 160 translate <32, 0, 110> }
#else
  View(<0, 7.0, -4>, <0.4, 4.6, 10>, 60)
#end
#declare Waterline = (Boat ? 6.5 : 11);
CloudySky(Sun, <0.10, 0.13, 0.30>, <1.0, 0.42, 0.14>, <1.0, 0.55, 0.15>, 40, <1.0, 0.45, 0.22>, <0.23, 0.12, 0.17>, 0.52, 2.2)
light_source { vnormalize(Sun) * 1e5 rgb <1.6, 0.8, 0.35> parallel point_at 0 }
light_source { <0, 1, -0.5> * 1e5 rgb <0.75, 0.55, 0.50> parallel point_at 0 shadowless }
sphere { vnormalize(Sun) * 9e4, 3000 pigment { rgb 1 } finish { ambient rgb <3, 2.3, 1.2> diffuse 0 } no_shadow }

#declare Shore = function(x, y, z) { Waterline + 1.2 * sin(x * 0.33 + 0.7) + 0.5 * sin(x * 0.9) + 0.5 * f_noise3d(x, 0, 1) }
#declare Sand = function(x, y, z) { (Shore(x, 0, 0) - z) * 0.085 + 0.05 * Fbm(x * 0.8, 0, z * 0.8) - 0.02 }
plane {
  y, 0
  WaterTexture(<0.05, 0.07, 0.10>, 1.0, 0.35)
}
// Foam
plane {
  y, 0.006
  pigment {
    function { min(1, max(0, 1 - abs(z - Shore(x, 0, 0) - 1.0 - 0.8 * f_noise3d(x / 2, 4, 0)) / 1.1)) * (0.3 + Fbm(x * 1.6, 0, z * 3)) }
    color_map { [0.42 rgbt 1] [0.62 rgbt <1, 0.86, 0.75, 0.15>] [1 rgb <1, 0.88, 0.78>] }
  }
  finish { diffuse 0.7 ambient 0.15 }
  clipped_by { box { <-40, -1, 0>, <40, 1, Waterline + 5.5> } }
}
object {
  Terrain(Sand, -20, 20, -6, 14, -1, 2, 500)
  texture {
    gradient y
    texture_map {
      [0.02 pigment { rgb <0.20, 0.13, 0.09> } finish { diffuse 0.6 reflection { 0.05, 0.6 } specular 0.3 roughness 0.01 }]
      [0.12 pigment { rgb <0.33, 0.22, 0.14> } normal { bumps 0.4 scale 0.04 } finish { diffuse 0.7 reflection { 0.0, 0.1 } }]
      [0.22 pigment { bozo color_map { [0 rgb <0.52, 0.37, 0.24>] [1 rgb <0.62, 0.46, 0.30>] } scale 0.3 } normal { granite 0.5 scale 0.4 }]
    }
    translate y * -0.01
    scale 2
  }
}
