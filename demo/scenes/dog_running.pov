// A dog runs over a meadow, or with Snow = 1 over snow. Black: 1 for a black and white one that runs to the left.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "animals.inc"

#declare Sun = <-0.5, 0.75, -0.6>;
#if (Black) LensView(<0.5, 0.66, -2.9>, <-0.10, 0.54, 0>, 46, <0, 0.5, -0.1>, 0.09) #else LensView(<0.35, 0.75, -3.1>, <0.12, 0.52, 0>, 46, <0, 0.5, -0.1>, 0.09) #end
CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
Daylight(Sun, <1.5, 1.4, 1.15>, <0.32, 0.40, 0.42>)
Haze(<0.62, 0.76, 0.92>, 220, 5)

#declare Meadow = function(x, y, z) { 0.4 * f_noise3d(x / 6, 0, z / 6) - 0.22 + max(0, z - 3) * 0.02 }
#if (Snow)
  object {
    Terrain(Meadow, -60, 60, -6, 114, -3, 8, 900)
    pigment { rgb <0.72, 0.75, 0.80> }
    normal { average normal_map { [1 bumps 0.4 scale 0.35] [1 granite 0.12 scale 0.15] } }
  }
  #declare Fir = union { Conifer(22, <0.07, 0.13, 0.08>, 4) }
  #declare SnowFir = union { object { Fir } union { Conifer(22, <0.62, 0.66, 0.72>, 4) translate y * 0.10 scale <0.97, 1, 0.97> } }
  Scatter(SnowFir, 90, -50, 50, 26, 70, Meadow, -9, 9, 0.6, 1.1, 6)
  object { RunningDog(<0.055, 0.04, 0.035>, <0.75, 0.72, 0.68>, <0.03, 0.025, 0.02>, 0.045) scale 1.15 translate y * 0.02 }
  // snow thrown up by the paws
  #declare Random = seed(2);
  #for (I, 1, 120)
    sphere { <-0.85 - 0.9 * rand(Random) * rand(Random), Between(Random, 0, 0.35), Between(Random, -0.25, 0.25)>, Between(Random, 0.006, 0.022) pigment { rgb 0.85 } }
  #end
#else
  object { Terrain(Meadow, -60, 60, -6, 114, -3, 8, 400) MeadowTexture(<0.15, 0.26, 0.06>) }
  #declare Patch = object { GrassPatch(900, 0.06, 0.17, 0.009, <0.17, 0.33, 0.06>, 3) }
  Lawn(Patch, -4, 4, -3, 6, 0.8, Meadow, 8)
  #declare FarPatch = object { GrassPatch(700, 0.10, 0.20, 0.012, <0.17, 0.33, 0.06>, 4) }
  Lawn(FarPatch, -12, 12, 5, 18, 1, Meadow, 9)
  #declare Tree = union { BroadTree(9000, <0.09, 0.18, 0.05>, 5) }
  Scatter(Tree, 60, -55, 55, 50, 80, Meadow, -9, 9, 0.8, 1.3, 6)
  #if (Black)
    object { RunningDog(<0.03, 0.026, 0.024>, <0.80, 0.77, 0.72>, <0.03, 0.026, 0.024>, 0.045) scale <-1.15, 1.15, 1.15> rotate y * 14 translate y * 0.02 }
  #else
    object { RunningDog(<0.62, 0.36, 0.13>, <0.80, 0.62, 0.38>, <0.45, 0.24, 0.08>, 0.012) scale 1.15 translate y * 0.02 }
  #end
#end
