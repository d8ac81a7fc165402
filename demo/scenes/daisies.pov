// Daisies in the grass, close by.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.6, 0.8, -0.5>;
View(<0, 0.32, -0.72>, <0, 0.16, 0>, 38)
ClearSky(Sun, <0.10, 0.28, 0.65>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30)
SoftDaylight(Sun, <1.35, 1.25, 1.05>, <0.38, 0.42, 0.46>, 60, 3)
plane { y, 0 MeadowTexture(<0.10, 0.18, 0.04>) }
#declare Patch = object { GrassPatch(900, 0.10, 0.26, 0.011, <0.15, 0.31, 0.05>, 3) }
Lawn(Patch, -2, 2, -0.15, 4, 0.45, Flat, 8)
#macro Daisy(Seed)
  #local Random = seed(Seed);
  union {
    cylinder { <0, -0.3, 0.01>, <0, 0, 0>, 0.0025 pigment { rgb <0.17, 0.33, 0.06> } }
    sphere { 0, 1 scale <0.0135, 0.008, 0.0135> translate y * 0.002 pigment { bozo color_map { [0 rgb <0.80, 0.45, 0.02>] [1 rgb <0.95, 0.70, 0.05>] } scale 0.002 } normal { bumps 0.9 scale 0.0016 } }
    #for (I, 0, 23)
      sphere { 0, 1 scale <0.0155, 0.0012, 0.0042> translate <0.0235, 0, 0> rotate z * Between(Random, -4, 16) rotate y * (15 * I + Between(Random, -4, 4)) translate y * 0.001 * mod(I, 2) }
    #end
    pigment { rgb <0.92, 0.92, 0.90> }
    finish { diffuse 0.75, 0.2 ambient 0.08 specular 0.05 }
  }
#end
#declare Random = seed(21);
#declare Kinds = array[5];
#for (I, 0, 4) #declare Kinds[I] = object { Daisy(I + 1) } #end
#for (I, 0, 90)
  #declare Z = -0.22 + 2.2 * pow(rand(Random), 1.5);
  object { Kinds[mod(I, 5)] scale Between(Random, 1.15, 1.7) rotate <-Between(Random, 5, 50), 0, Between(Random, -20, 20)> rotate y * Between(Random, -25, 25) translate <Between(Random, -0.45, 0.45) * (1 + Z), Between(Random, 0.15, 0.27), Z> }
#end
