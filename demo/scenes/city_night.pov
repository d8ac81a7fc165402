// A city at night across the water, its lights mirrored in it.
#include "common.inc"
#include "sky.inc"
#include "water.inc"

View(<0, 9, -60>, <0, 52, 200>, 64)
NightSky(<0.004, 0.006, 0.020>, <0.055, 0.045, 0.075>, <0.25, 0.25, 0.3>)
light_source { <-300, 900, -500> rgb <0.10, 0.11, 0.16> }
#declare Random = seed(77);

// An office tower whose windows are lit at random; Tone is the colour of their light.
#macro Tower(Wide, Deep, High, Tone, Share)
  #local Storey = 2.6;
  #local Bay = 1.7;
  #local Frame = function(x, y, z) { select(min(mod(y + 1000, 1) - 0.30, min(abs(mod(x + 1000, 1) - 0.5), abs(mod(z + 1000, 1) - 0.5)) - 0.0), 0, 1) }
  box {
    <-Wide / 2, 0, -Deep / 2>, <Wide / 2, High, Deep / 2>
    texture {
      pigment {
        cells
        pigment_map {
          [1 - Share rgb <0.010, 0.011, 0.016>]
          [1 - Share function { Frame(x, y, z) } color_map { [0.5 rgb 0.01] [0.5 rgb Tone * 0.2] }]
          [1 - Share * 0.6 function { Frame(x, y, z) } color_map { [0.5 rgb 0.01] [0.5 rgb Tone] }]
          [1 - Share * 0.2 function { Frame(x, y, z) } color_map { [0.5 rgb 0.01] [0.5 rgb <1, 0.95, 0.85>] }]
        }
        scale <Bay, Storey, Bay>
        translate <0.37, 0.1, 0.37> + <rand(Random), 0, rand(Random)> * 90
      }
      finish { emission 0.75 diffuse 0.3 reflection 0.03 }
    }
  }
#end
#for (I, 1, 130)
  #declare PZ = Between(Random, 150, 420);
  #declare PX = Between(Random, -270, 270) * (0.6 + PZ / 500);
  #declare H = Between(Random, 18, 60) + 110 * pow(rand(Random), 2.5) * exp(-pow(PX / 170, 2));
  #declare W = Between(Random, 14, 30);
  #declare Warm = rand(Random);
  object {
    Tower(W, Between(Random, 14, 28), H, <1, 0.62 + 0.2 * Warm, 0.25 + 0.6 * Warm>, Between(Random, 0.25, 0.6))
    translate <PX, 1, PZ>
  }
  #if (H > 75)
    sphere { <PX, H + 5, PZ - 5>, 0.9 pigment { rgb 1 } finish { emission <3, 0.2, 0.1> diffuse 0 } }
    cylinder { <PX, H, PZ>, <PX, H + 12, PZ>, 0.4 pigment { rgb 0.05 } }
  #end
#end
// One tall tower with a lit crown
union {
  object { Tower(30, 30, 150, <0.55, 0.75, 1>, 0.7) }
  object { Tower(22, 22, 172, <0.55, 0.75, 1>, 0.7) }
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
