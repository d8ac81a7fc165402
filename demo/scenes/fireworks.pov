// Fireworks over a city by the water.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "city.inc"

View(<0, 9, -60>, <0, 62, 200>, 66)
NightSky(<0.004, 0.005, 0.016>, <0.05, 0.03, 0.06>, <0.15, 0.15, 0.2>)
light_source { <-300, 900, -500> rgb <0.10, 0.11, 0.16> }
#declare Random = seed(31);
#macro LowSkyline()
  #for (I, 1, 90)
    #local PZ = Between(Random, 150, 380);
    #local H = Between(Random, 12, 42);
    object { Tower(Between(Random, 14, 26), 20, H, <1, Between(Random, 0.6, 0.85), Between(Random, 0.3, 0.8)>, Between(Random, 0.2, 0.5), Random) translate <Between(Random, -260, 260), 1, PZ> }
  #end
#end
LowSkyline()

// A burst at Centre: sparks fly out to Reach and sink, each leaving a trail.
#macro Burst(Centre, Reach, Colour, Sparks)
  union {
    #for (I, 1, Sparks)
      #local A = 2 * pi * rand(Random);
      #local U = 2 * rand(Random) - 1;
      #local D = <cos(A) * sqrt(1 - U * U), U, sin(A) * sqrt(1 - U * U)> * Between(Random, 0.85, 1.05);
      #for (K, 3, 9)
        #local T = K / 9;
        cylinder {
          Centre + D * Reach * (1 - pow(1 - T, 2)) - y * Reach * 0.22 * T * T, Centre + D * Reach * (1 - pow(1 - T - 0.09, 2)) - y * Reach * 0.22 * pow(T + 0.09, 2), Reach * 0.0075 * T + 0.02
          pigment { rgb 1 } finish { ambient 0 diffuse 0 emission (Colour * T + <1, 0.9, 0.7> * 0.5 * pow(T, 6)) * 1.6 }
        }
      #end
      sphere { Centre + D * Reach - y * Reach * 0.25, Reach * 0.014 pigment { rgb 1 } finish { ambient 0 diffuse 0 emission Colour * 2 + 0.6 } }
    #end
    no_shadow
  }
  light_source { Centre rgb Colour * 0.5 fade_distance 120 fade_power 2 }
#end
Burst(<-62, 118, 190>, 46, <1, 0.16, 0.10>, 150)
Burst(<52, 138, 210>, 52, <1, 0.70, 0.20>, 170)
Burst(<4, 84, 180>, 27, <0.25, 0.55, 1>, 110)
Burst(<112, 82, 220>, 34, <0.3, 1, 0.4>, 120)
Burst(<-120, 76, 220>, 30, <0.9, 0.3, 1>, 110)
#for (I, 0, 3)
  cylinder { <-62 + I * 40, 2, 200>, <-62 + I * 40 + 3, 52 + 11 * mod(I, 2), 200>, 0.28 pigment { gradient y color_map { [0 rgb 0] [1 rgb <1, 0.6, 0.2>] } scale 70 } finish { emission 1 diffuse 0 } no_shadow }
#end
box { <-600, -2, 128>, <600, 2.2, 140> pigment { rgb 0.04 } }
#for (I, -34, 34)
  sphere { <I * 9, 5, 127.5>, 0.5 pigment { rgb 1 } finish { emission <3.2, 2.2, 0.9> diffuse 0 } no_shadow }
#end
Water(<0.004, 0.007, 0.014>, 1.6, 0.12)
