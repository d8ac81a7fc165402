// A campfire at night on the edge of a wood, or with Tent = 1 in front of a tent.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#if (Tent) View(<-0.9, 1.0, -3.3>, <0.45, 0.78, 1>, 58) #else View(<0, 1.15, -3.6>, <0, 0.72, 0>, 52) #end
NightSky(<0.003, 0.006, 0.018>, <0.012, 0.020, 0.045>, <0.5, 0.5, 0.6>)
light_source { <-400, 600, -300> rgb <0.020, 0.026, 0.045> }
light_source { <0.05, 0.55, -0.05> rgb <3.2, 1.35, 0.42> fade_distance 0.9 fade_power 2 area_light x * 0.25, y * 0.4, 3, 3 adaptive 1 jitter circular orient media_interaction off }

#declare Ground = function(x, y, z) { 0.10 * Fbm(x / 1.2, 0, z / 1.2) - 0.06 }
object {
  Terrain(Ground, -14, 14, -5, 23, -1, 1, 500)
  pigment { granite color_map { [0 rgb <0.12, 0.08, 0.05>] [0.6 rgb <0.24, 0.17, 0.10>] [1 rgb <0.15, 0.17, 0.06>] } scale 0.7 }
  normal { granite 0.5 scale 0.15 }
}
#declare Patch = object { GrassPatch(350, 0.05, 0.18, 0.008, <0.14, 0.22, 0.06>, 3) }
#declare Random = seed(3);
#for (I, 1, 200)
  #declare R = Between(Random, 1.9, 8);
  #declare A = 2 * pi * rand(Random);
  object { Patch rotate y * 360 * rand(Random) translate <cos(A) * R, Ground(cos(A) * R, 0, sin(A) * R) - 0.02, sin(A) * R> }
#end
#declare Fir = union { Conifer(24, <0.08, 0.13, 0.06>, 4) }
#for (I, 0, 17)
  #declare A = radians(I * 11 - 5);
  object { Fir scale Between(Random, 0.5, 0.85) rotate y * 77 * I translate <cos(A), 0, sin(A)> * Between(Random, 5.0, 9.5) }
#end
// Logs that lean together, and stones around
#declare Log = texture {
  pigment { bozo turbulence 0.4 color_map { [0 rgb <0.05, 0.03, 0.02>] [0.6 rgb <0.16, 0.09, 0.05>] [1 rgb 0.02] } scale <0.05, 0.3, 0.05> }
  normal { wrinkles 1 scale <0.03, 0.2, 0.03> }
}
#for (I, 0, 6)
  cylinder { <0, 0, 0>, <0, 0.72, 0>, 0.05 + 0.012 * mod(I, 3) texture { Log translate I } rotate z * (44 + 6 * mod(I, 2)) translate x * 0.47 rotate y * (51.4 * I + 12) }
#end
cylinder { <-0.75, 0.09, -0.9>, <0.9, 0.10, -1.25>, 0.11 texture { Log rotate z * 90 } }
#for (I, 0, 15)
  sphere {
    0, 1 scale <0.13, 0.085, 0.10> * Between(Random, 0.8, 1.25) rotate y * 90 * rand(Random)
    pigment { granite color_map { [0 rgb 0.14] [1 rgb 0.34] } scale 0.2 } normal { granite 0.5 scale 0.1 }
    translate x * 0.78 rotate y * (22.5 * I + 5) translate y * 0.03
  }
#end
// Embers
disc { <0, 0.04, 0>, y, 0.42 pigment { granite color_map { [0.2 rgb <1, 0.25, 0.04>] [0.5 rgb <0.3, 0.03, 0>] [0.7 rgb 0.01] } scale 0.3 } finish { emission 1.6 } }
// Flames: a glowing column that narrows upwards, torn by turbulence
#declare Flame = function(x, y, z) {
  max(0, 1 - sqrt(x * x + z * z) / (0.03 + 0.40 * pow(max(0, 1 - y / 1.35), 0.75) * min(1, 0.55 + y * 2.2)))
}
cylinder {
  <0, 0.02, 0>, <0, 1.4, 0>, 0.6
  pigment { rgbt 1 }
  hollow
  no_shadow
  interior {
    media {
      emission 1
      method 3 intervals 1 samples 28
      density {
        function { Flame(x + 0.20 * y * (f_noise3d(x * 3.2, y * 2.2 - 4, z * 3.2) - 0.5) * 4, y, z + 0.20 * y * (f_noise3d(x * 3.2 + 9, y * 2.2 + 4, z * 3.2) - 0.5) * 4) * (0.35 + 1.1 * pow(f_noise3d(x * 6, y * 3, z * 6), 1.2)) }
        color_map { [0 rgb 0] [0.06 rgb <1.6, 0.35, 0.03>] [0.25 rgb <7, 2.6, 0.35>] [0.6 rgb <14, 8.5, 2.4>] [1 rgb <18, 14, 7>] }
      }
    }
  }
}
#if (Tent)
  union {
    #for (S, -1, 1, 2)
      triangle { <0, 1.5, -1.3>, <S * 1.2, 0, -1.3>, <S * 1.2, 0, 1.3> }
      triangle { <0, 1.5, -1.3>, <S * 1.2, 0, 1.3>, <0, 1.5, 1.3> }
      triangle { <0, 1.5, -1.3>, <S * 1.2, 0, -1.3>, <S * 0.3, 0, -1.32> }
    #end
    pigment { rgb <0.75, 0.40, 0.10> }
    normal { wrinkles 0.3 scale 0.4 }
    finish { diffuse 0.9 emission 0.05 }
    rotate y * 28
    translate <2.1, 0, 2.2>
  }
  light_source { <0.2, 0.9, -0.3> rgb <1.6, 0.75, 0.28> fade_distance 2.2 fade_power 2 }
#end
// Sparks
#for (I, 1, 70)
  #declare H = Between(Random, 0.6, 2.4);
  sphere { <Between(Random, -0.3, 0.3) * (0.5 + H), H, Between(Random, -0.3, 0.3)>, Between(Random, 0.003, 0.007) pigment { rgb 1 } finish { emission <3, 1.2, 0.2> diffuse 0 } no_shadow }
#end
