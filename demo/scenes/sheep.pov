// Sheep on a meadow.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.5, 0.75, -0.6>;
View(<0.2, 1.25, -5.2>, <0.1, 0.85, 2>, 50)
CloudySky(Sun, <0.06, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.48, 1.5)
Daylight(Sun, <1.4, 1.3, 1.1>, <0.32, 0.40, 0.44>)
Haze(<0.62, 0.76, 0.92>, 260, 8)
#declare Land = function(x, y, z) { 0.9 * f_noise3d(x / 11, 0, z / 11) - 0.5 + max(0, z - 10) * 0.06 }
object { Terrain(Land, -80, 80, -7, 140, -3, 14, 400) MeadowTexture(<0.15, 0.26, 0.06>) }
#declare Patch = object { GrassPatch(650, 0.05, 0.15, 0.010, <0.17, 0.33, 0.06>, 3) }
Lawn(Patch, -6, 6, -4.5, 10, 0.9, Land, 8)
#declare Tree = union { BroadTree(7000, <0.09, 0.18, 0.05>, 5) }
Scatter(Tree, 40, -60, 60, 45, 90, Land, -9, 19, 0.8, 1.3, 6)

// A sheep facing right; Graze is how far its head is down, 0 to 1.
#macro Sheep(Graze, Seed)
  #local Random = seed(Seed);
  #local Neck = <0.44, 0.78 - 0.16 * Graze, 0>;
  #local Head = <0.66, 0.90 - 0.68 * Graze, 0>;
  union {
    blob {
      threshold 0.45
      sphere { 0, 0.5, 1.3 scale <1.35, 0.86, 0.85> translate <0, 0.68, 0> }
      #for (I, 1, 150)
        #local A = 2 * pi * rand(Random);
        #local U = 2 * rand(Random) - 1;
        sphere { <0.50 * U, 0.68, 0> + <0.10 * U, 0.27 * sin(A) * sqrt(1 - U * U * 0.8), 0.27 * cos(A) * sqrt(1 - U * U * 0.8)>, 0.12, 0.8 }
      #end
      cylinder { <0.38, 0.75, 0>, Neck * 0.5 + Head * 0.5, 0.21, 1 }
      pigment { bozo color_map { [0.2 rgb <0.72, 0.68, 0.58>] [0.8 rgb <0.86, 0.83, 0.75>] } scale 0.1 }
      normal { bumps 0.9 scale 0.03 }
    }
    blob {
      threshold 0.5
      sphere { 0, 0.17, 1.1 scale <1.1, 1, 0.85> translate <-0.03, 0.02, 0> }
      cylinder { <0, 0, 0>, <0.19, -0.06, 0>, 0.115, 1 }
      rotate z * -50 * Graze
      translate Head
      pigment { rgb <0.09, 0.075, 0.065> }
      finish { specular 0.1 }
    }
    #for (S, -1, 1, 2)
      sphere { 0, 1 scale <0.035, 0.025, 0.085> rotate x * S * 18 translate <-0.06, 0.07, S * 0.14> rotate z * -50 * Graze translate Head pigment { rgb <0.09, 0.075, 0.065> } }
      sphere { <0.055, 0.06, S * 0.088>, 0.014 rotate z * -50 * Graze translate Head pigment { rgb 0.5 } finish { specular 1 } }
      cone { <0.30, 0.45, S * 0.15>, 0.06, <0.30, -0.03, S * 0.15>, 0.034 pigment { rgb <0.09, 0.075, 0.065> } }
      cone { <-0.34, 0.45, S * 0.15>, 0.06, <-0.36, -0.03, S * 0.15>, 0.034 pigment { rgb <0.09, 0.075, 0.065> } }
    #end
  }
#end
#macro Stand(Animal, X, Z, Turn) object { Animal rotate y * Turn translate <X, Land(X, 0, Z), Z> } #end
#declare Grazing = Sheep(1, 3)
#declare Looking = Sheep(0, 5)
Stand(Looking, -1.25, 0.3, 15) Stand(Grazing, 0.95, 1.2, -25) Stand(Grazing, -2.6, 4.2, 160) Stand(Looking, 2.9, 5, 200) Stand(Grazing, 0.2, 6.5, 20)
Stand(Looking, -5, 10, 10) Stand(Grazing, 5.5, 11, 170) Stand(Grazing, 1.5, 14, 60) Stand(Looking, -9, 18, 200) Stand(Grazing, 10, 20, 10)
