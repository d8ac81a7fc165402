// Fireworks over a city by the water, or with Lake = 1 over a dark lake.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#declare WindowGlow = 0.38;
#include "city.inc"

View(<0, 9, -60>, <0, 70 - 6 * !Lake, 200>, 66)
background { rgb <0.006, 0.007, 0.016> }
light_source { <-300, 900, -500> rgb <0.05, 0.055, 0.09> }
#declare Random = seed(31 + Lake);

// A burst at Centre: Sparks streaks fly out to Reach and sink by Fall of it, in a cloud of smoke that they light.
#macro Burst(Centre, Reach, Colour, Sparks, Fall)
  union {
    #for (I, 1, Sparks)
      #local A = 2 * pi * rand(Random);
      #local U = 2 * rand(Random) - 1;
      #local D = <cos(A) * sqrt(1 - U * U), U, sin(A) * sqrt(1 - U * U)> * Between(Random, 0.75, 1.08);
      #for (K, 2, 11)
        #local T = K / 12;
        #local E = (K + 1) / 12;
        cylinder {
          Centre + D * Reach * (1 - pow(1 - T, 2)) - y * Reach * Fall * T * T, Centre + D * Reach * (1 - pow(1 - E, 2)) - y * Reach * Fall * E * E, Reach * 0.0042
          pigment { rgb 1 } finish { ambient 0 diffuse 0 emission (Colour + 0.5 * pow(T, 3)) * (0.35 + 0.9 * sin(pi * pow(T, 0.8))) }
        }
      #end
    #end
    no_shadow
  }
  sphere {
    Centre, Reach * 1.5
    hollow
    no_shadow
    pigment { rgbt 1 }
    finish { ambient 0 diffuse 0 }
    interior { media { emission Colour * 0.0011 method 3 intervals 1 samples 6 density { spherical scale Reach * 1.5 translate Centre } } }
  }
  light_source { Centre rgb Colour * 0.5 fade_distance 120 fade_power 2 shadowless }
#end
#if (Lake)
  Burst(<-10, 120, 190>, 78, <1, 0.62, 0.25>, 420, 0.35)
  Burst(<92, 92, 210>, 46, <1, 0.10, 0.08>, 240, 0.22)
  Burst(<-104, 84, 200>, 44, <0.25, 0.45, 1>, 240, 0.22)
  #for (I, -60, 60) box { <I * 8 - 4.2, -2, 300>, <I * 8 + 4.2, 9 + 8 * f_noise3d(I * 0.13, 0, 0), 310> pigment { rgb 0.004 } } #end
#else
  Burst(<-62, 124, 190>, 54, <1, 0.16, 0.10>, 260, 0.28)
  Burst(<52, 142, 210>, 62, <1, 0.66, 0.28>, 340, 0.34)
  Burst(<4, 84, 180>, 30, <0.25, 0.55, 1>, 160, 0.2)
  Burst(<118, 84, 220>, 38, <0.3, 1, 0.4>, 180, 0.2)
  Burst(<-128, 80, 220>, 34, <0.9, 0.3, 1>, 170, 0.2)
  light_source { <0, -300, -200> rgb <0.30, 0.19, 0.09> shadowless }
  #for (I, 1, 90)
    object { Tower(Between(Random, 14, 26), 20, Between(Random, 12, 42), <1, Between(Random, 0.6, 0.85), Between(Random, 0.3, 0.8)>, Between(Random, 0.2, 0.5), Random) translate <Between(Random, -260, 260), 1, Between(Random, 150, 380)> }
  #end
  box { <-600, -2, 128>, <600, 2.2, 140> pigment { rgb 0.04 } }
  #for (I, -34, 34)
    sphere { <I * 9, 5, 127.5>, 0.5 pigment { rgb 1 } finish { emission <3.2, 2.2, 0.9> diffuse 0 } no_shadow }
  #end
#end
#for (I, 0, 3)
  cylinder { <-62 + I * 40, 2, 200>, <-58 + I * 40, 52 + 11 * mod(I, 2), 200>, 0.22 pigment { gradient y color_map { [0 rgb 0] [1 rgb <1, 0.6, 0.2>] } scale 70 } finish { emission 1 diffuse 0 } no_shadow }
#end
Water(<0.004, 0.007, 0.014>, 1.8, 0.14)
