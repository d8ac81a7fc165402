// A dog sits in a garden and looks into the camera. Breed: 1 golden, 2 black and white.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "animals.inc"

#declare Sun = <-0.6, 0.8, -0.7>;
LensView(<0.25, 0.72, -2.0>, <0.03, 0.50, 0>, 28, <0, 0.7, -0.2>, 0.06)
CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
SoftDaylight(Sun, <1.35, 1.25, 1.05>, <0.38, 0.42, 0.46>, 60, 4)
object { Terrain(Flat, -60, 60, -6, 114, -1, 1, 8) MeadowTexture(<0.15, 0.26, 0.06>) }
#declare Patch = object { GrassPatch(900, 0.05, 0.14, 0.008, <0.17, 0.33, 0.06>, 3) }
Lawn(Patch, -3, 3, -0.8, 5, 0.7, Flat, 8)
#declare FarPatch = object { GrassPatch(500, 0.08, 0.18, 0.012, <0.17, 0.33, 0.06>, 4) }
Lawn(FarPatch, -9, 9, 5, 14, 1, Flat, 9)
#declare Tree = union { BroadTree(6000, <0.10, 0.19, 0.05>, 5) }
Scatter(Tree, 30, -30, 30, 18, 40, Flat, -9, 9, 0.8, 1.3, 6)

object { SittingDog(Breed) rotate y * -16 }
