// A car of the colour Red, Green, Blue on a country road.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "vehicles.inc"
#include "roads.inc"

#declare Sun = <0.5, 0.75, -0.65>;
View(<4.2, 1.45, -6.4>, <0.15, 0.72, 0>, 42)
CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
SoftDaylight(Sun, <1.55, 1.45, 1.25>, <0.30, 0.37, 0.46>, 500, 25)
Haze(<0.62, 0.76, 0.92>, 260, 6)

#declare Land = function(x, y, z) { max(0, abs(z) - 3.6) * 0.03 * f_noise3d(x / 12, 0, z / 12) + max(0, z - 15) * 0.03 - 0.04 }
object { Terrain(Land, -120, 120, -12, 160, -3, 12, 400) MeadowTexture(<0.16, 0.24, 0.07>) }
object { Road(6.4, Asphalt) translate z * 0.6 }
#declare Patch = object { GrassPatch(600, 0.08, 0.26, 0.012, <0.18, 0.30, 0.07>, 3) }
Lawn(Patch, -26, 14, 4.0, 22, 1, Land, 8)
#declare Tree = union { BroadTree(9000, <0.09, 0.18, 0.05>, 5) }
Scatter(Tree, 70, -90, 60, 38, 110, Land, -9, 19, 0.8, 1.3, 6)

object { Car(<Red, Green, Blue>, 0) translate <0, 0.013, 0> }
