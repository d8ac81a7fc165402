// A city across the water, its lights mirrored in it, at night or, with Dusk = 1, in the last light.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#declare WindowGlow = 0.38;
#include "city.inc"

#if (Dusk)
  View(<-20, 14, -90>, <0, 42, 200>, 52)
  sky_sphere { pigment { gradient y color_map { [0 rgb <0.50, 0.26, 0.16>] [0.12 rgb <0.22, 0.16, 0.24>] [0.4 rgb <0.03, 0.05, 0.16>] [1 rgb <0.01, 0.02, 0.08>] } } }
  light_source { <-300, 900, -500> rgb <0.22, 0.24, 0.40> }
  fog { fog_type 2 distance 1400 rgb <0.55, 0.30, 0.16> fog_offset 0 fog_alt 25 }
  #declare Random = seed(41);
#else
  View(<0, 9, -70>, <0, 50, 200>, 62)
  sky_sphere { pigment { gradient y color_map { [0 rgb <0.10, 0.060, 0.050>] [0.2 rgb <0.025, 0.022, 0.045>] [1 rgb <0.004, 0.005, 0.018>] } } }
  light_source { <-300, 900, -500> rgb <0.08, 0.09, 0.15> }
  fog { fog_type 2 distance 2200 rgb <0.30, 0.17, 0.09> fog_offset 0 fog_alt 25 }
  #declare Random = seed(77);
#end
// The glow of the streets
light_source { <0, -300, -200> rgb <0.30, 0.19, 0.09> shadowless }
Skyline(150, Random)
// One tall tower with a lit crown
union {
  object { Tower(30, 30, 130 + 20 * !Dusk, <0.75, 0.85, 1>, 0.7, Random) }
  object { Tower(22, 22, 152 + 20 * !Dusk, <0.75, 0.85, 1>, 0.7, Random) }
  cone { <0, 152 + 20 * !Dusk, 0>, 8, <0, 185 + 25 * !Dusk, 0>, 0.4 pigment { rgb <0.5, 0.7, 1> } finish { emission 0.6 } }
  translate <36, 1, 240>
}
// The quay with its lamps and signs
box { <-600, -2, 128>, <600, 2.2, 140> pigment { rgb 0.04 } }
#for (I, -34, 34)
  sphere { <I * 9, 6.5, 127.5>, 0.5 pigment { rgb 1 } finish { emission <3.2, 2.0, 0.8> diffuse 0 } no_shadow }
  cylinder { <I * 9, 2, 127.6>, <I * 9, 6.5, 127.6>, 0.12 pigment { rgb 0.03 } }
#end
#declare Sign = array[5] { <1, 0.15, 0.1>, <0.2, 0.5, 1>, <1, 0.8, 0.3>, <0.9, 0.2, 0.7>, <0.2, 1, 0.5> };
#for (I, 0, 16)
  box { <-Between(Random, 3, 8), 0, 0>, <Between(Random, 3, 8), Between(Random, 1.5, 4), 1> translate <-200 + I * 25, Between(Random, 6, 26), 148> pigment { rgb Sign[mod(I * 3, 5)] } finish { emission 1.0 diffuse 0 } }
#end
Water(<0.008, 0.012, 0.025>, 2.0, 0.15)
