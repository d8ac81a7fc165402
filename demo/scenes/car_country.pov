// A car of the colour Red, Green, Blue on a country road, or with Sea = 1 by the sea.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "vehicles.inc"
#include "roads.inc"
#include "water.inc"

#declare Sun = <0.5, 0.75, -0.65>;
#if (Sea) View(<-3.6, 1.35, -5.8>, <0.0, 0.80, 0>, 43) #else View(<4.2, 1.45, -6.4>, <0.15, 0.72, 0>, 42) #end
CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
SoftDaylight(Sun, <1.55, 1.45, 1.25>, <0.30, 0.37, 0.46>, 500, 25)
Haze(<0.62, 0.76, 0.92>, 260, 6)

object { Road(6.4, Asphalt) translate z * 0.6 }
#if (Sea)
  #declare Land = function(x, y, z) { 0.25 * Fbm(x / 3, 0, z / 3) - 0.16 - max(0, z - 7) * 0.25 }
  object {
    Terrain(Land, -60, 60, -12, 20, -5, 3, 500)
    pigment { granite color_map { [0 rgb <0.45, 0.37, 0.25>] [1 rgb <0.68, 0.60, 0.45>] } scale 0.6 }
    normal { granite 0.4 scale 0.3 }
  }
  box { <-60, 0, 4.4>, <60, 0.55, 4.7> pigment { granite color_map { [0 rgb 0.5] [1 rgb 0.7] } } normal { granite 0.3 } }
  plane { y, -1.6 WaterTexture(<0.02, 0.10, 0.14>, 1.6, 0.3) }
  object { Car(<Red, Green, Blue>, 0) rotate y * 180 translate <0, 0.013, 0> }
#else
  #declare Land = function(x, y, z) { max(0, abs(z) - 3.6) * 0.03 * f_noise3d(x / 12, 0, z / 12) + max(0, z - 15) * 0.03 - 0.04 }
  object { Terrain(Land, -120, 120, -12, 160, -3, 12, 400) MeadowTexture(<0.16, 0.24, 0.07>) }
  #declare Patch = object { GrassPatch(600, 0.08, 0.26, 0.012, <0.18, 0.30, 0.07>, 3) }
  Lawn(Patch, -26, 14, 4.0, 22, 1, Land, 8)
  #declare Tree = union { BroadTree(9000, <0.09, 0.18, 0.05>, 5) }
  Scatter(Tree, 70, -90, 60, 38, 110, Land, -9, 19, 0.8, 1.3, 6)
  object { Car(<Red, Green, Blue>, 0) translate <0, 0.013, 0> }
#end
