// A city at night across the water, its lights mirrored in it.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "city.inc"

View(<0, 9, -60>, <0, 52, 200>, 64)
NightSky(<0.004, 0.006, 0.020>, <0.055, 0.045, 0.075>, <0.25, 0.25, 0.3>)
light_source { <-300, 900, -500> rgb <0.10, 0.11, 0.16> }
#declare Random = seed(77);

Skyline(130, Random)
// One tall tower with a lit crown
union {
  object { Tower(30, 30, 150, <0.55, 0.75, 1>, 0.7, Random) }
  object { Tower(22, 22, 172, <0.55, 0.75, 1>, 0.7, Random) }
  cone { <0, 172, 0>, 8, <0, 210, 0>, 0.4 pigment { rgb <0.3, 0.6, 1> } finish { emission 0.8 } }
  box { <-15.4, 147, -15.4>, <15.4, 150.4, 15.4> pigment { rgb <0.4, 0.7, 1> } finish { emission 1.3 } }
  translate <36, 1, 240>
}
// The quay with its lamps
box { <-600, -2, 128>, <600, 2.2, 140> pigment { rgb 0.04 } }
#for (I, -34, 34)
  sphere { <I * 9, 6.5, 127.5>, 0.55 pigment { rgb 1 } finish { emission <3.2, 2.2, 0.9> diffuse 0 } no_shadow }
  cylinder { <I * 9, 2, 127.6>, <I * 9, 6.5, 127.6>, 0.12 pigment { rgb 0.03 } }
#end
Water(<0.004, 0.007, 0.014>, 1.6, 0.13)
