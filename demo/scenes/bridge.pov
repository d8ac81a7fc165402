// Bridges. Kind: 1 stone arches over a river, 2 red suspension bridge over a strait, 3 small red wooden bridge in a garden.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "houses.inc"

#declare Sun = <-0.6, 0.6, -0.55>;
CloudySky(Sun, <0.06, 0.21, 0.60>, <0.62, 0.76, 0.92>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.48, 1.7)
#switch (Kind)
  #case (1)
    View(<-7, 3.4, -24>, <0.5, 3.2, 0>, 54)
    Daylight(Sun, <1.5, 1.35, 1.15>, <0.32, 0.38, 0.45>)
    Haze(<0.66, 0.76, 0.88>, 500, 10)
    #declare Bank = function(x, y, z) { max(-2.5, (abs(x + 2 * sin(z / 25)) - 12.5) * 0.45) * 0.8 + 0.9 * Fbm(x / 7, 0, z / 7) - 0.4 - max(0, abs(x) - 20) * 0.30 + max(0, z - 20) * 0.03 }
    object { Terrain(Bank, -100, 100, -26, 190, -5, 12, 400) MeadowTexture(<0.16, 0.24, 0.06>) }
    difference {
      prism { linear_spline linear_sweep -2, 2, 7, <-19, -3>, <-19, 3.4>, <-7, 5.3>, <7, 5.3>, <19, 3.4>, <19, -3>, <-19, -3> rotate x * -90 scale <1, 1, -1> }
      cylinder { <0, 0, -5>, <0, 0, 5>, 4.0 }
      cylinder { <-9.2, 0, -5>, <-9.2, 0, 5>, 3.2 }
      cylinder { <9.2, 0, -5>, <9.2, 0, 5>, 3.2 }
      StoneWall(<0.46, 0.42, 0.35>, 0.55)
    }
    #for (S, -1, 1, 2)
      #for (I, -9, 9)
        box { <-1, -0.3, -0.15>, <0.98, 0.8, 0.15> StoneWall(<0.50, 0.46, 0.39>, 0.4) translate <I * 2, 5.3 - max(0, abs(I * 2) - 7) * 0.158, S * 1.85> }
      #end
    #end
    #declare Tree = union { BroadTree(9000, <0.10, 0.19, 0.05>, 5) }
    Scatter(Tree, 34, -38, -15, -8, 30, Bank, 0.6, 12, 0.6, 1.0, 6)
    Scatter(Tree, 34, 16, 40, -8, 30, Bank, 0.6, 12, 0.6, 1.0, 9)
    Scatter(Tree, 130, -90, 90, 30, 130, Bank, 0.5, 12, 0.7, 1.1, 7)
    #declare Reed = object { GrassPatch(300, 0.3, 0.9, 0.02, <0.18, 0.27, 0.07>, 3) }
    Scatter(Reed, 220, -18, 18, -18, 25, Bank, 0.0, 0.5, 0.8, 1.2, 2)
    Water(<0.02, 0.05, 0.045>, 1.0, 0.07)
  #break
  #case (2)
    View(<-160, 34, -330>, <40, 66, 120>, 60)
    Daylight(Sun, <1.5, 1.35, 1.15>, <0.32, 0.38, 0.45>)
    Haze(<0.70, 0.78, 0.87>, 3500, 40)
    #declare Steelwork = texture { pigment { rgb <0.62, 0.11, 0.05> } finish { specular 0.2 } }
    #declare Cable = function(x) { 72 + 85 * pow((mod(x + 1280, 640) - 320) / 320, 2) }
    union {
      box { <-1500, 62, -11>, <1500, 67, 11> }
      #for (S, -1, 1, 2)
        #for (T, -2, 2)
          union { box { <T * 640 - 5, -5, -4>, <T * 640 + 5, 158, 4> } translate z * S * 11 }
        #end
        #for (I, -80, 79)
          cylinder { <I * 16, Cable(I * 16), S * 11>, <I * 16 + 16, Cable(I * 16 + 16), S * 11>, 1.1 }
          cylinder { <I * 16, 66, S * 11>, <I * 16, Cable(I * 16), S * 11>, 0.35 }
        #end
      #end
      #for (T, -2, 2)
        #for (K, 0, 3) box { <T * 640 - 4, 88 + 22 * K, -11>, <T * 640 + 4, 95 + 22 * K, 11> } #end
        box { <T * 640 - 20, -10, -24>, <T * 640 + 20, 9, 24> pigment { rgb 0.5 } }
      #end
      texture { Steelwork }
      rotate y * -28
      translate <-60, 0, 120>
    }
    #declare Coast = function(x, y, z) { 170 * exp(-pow((z - 1900) / 600, 2)) * (0.4 + 0.8 * Fbm(x / 420, 0, z / 420)) - 40 }
    object { Terrain(Coast, -3200, 3200, 700, 3200, -45, 260, 500) MeadowTexture(<0.15, 0.19, 0.08>) }
    Water(<0.015, 0.07, 0.11>, 5, 0.3)
  #break
  #case (3)
    View(<-4.5, 2.6, -10.5>, <0.2, 1.5, 0>, 52)
    Daylight(Sun, <1.5, 1.35, 1.15>, <0.32, 0.38, 0.45>)
    Haze(<0.66, 0.76, 0.88>, 300, 8)
    #declare Bank = function(x, y, z) { max(-1.5, (abs(x + 1.2 * sin(z / 6)) - 3.6) * 0.5) + 0.7 * Fbm(x / 4, 0, z / 4) - 0.35 - max(0, abs(x) - 6) * 0.45 }
    object { Terrain(Bank, -50, 50, -14, 90, -3, 6, 400) MeadowTexture(<0.14, 0.25, 0.06>) }
    #declare Arch = function(x) { 0.5 + 1.35 * (1 - pow(x / 5.2, 2)) }
    union {
      #for (I, -25, 24)
        #declare X = I * 0.2;
        box { <0, -0.06, -1>, <0.19, 0.03, 1> matrix <1, (Arch(X + 0.2) - Arch(X)) / 0.2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0> translate <X, Arch(X), 0> }
        #for (S, -1, 1, 2)
          cylinder { <X, Arch(X) + 0.85, S>, <X + 0.2, Arch(X + 0.2) + 0.85, S>, 0.055 }
          cylinder { <X, Arch(X) + 0.45, S>, <X + 0.2, Arch(X + 0.2) + 0.45, S>, 0.035 }
          cylinder { <X, Arch(X) - 0.12, S>, <X + 0.2, Arch(X + 0.2) - 0.12, S>, 0.11 }
          #if (mod(I + 25, 5) = 0)
            box { <X - 0.06, Arch(X) - 0.1, S - 0.06>, <X + 0.06, Arch(X) + 0.98, S + 0.06> }
            sphere { <X, Arch(X) + 1.02, S>, 0.09 }
          #end
        #end
      #end
      pigment { rgb <0.62, 0.05, 0.03> } finish { specular 0.4 roughness 0.03 }
    }
    #for (S, -1, 1, 2) #for (K, -1, 1, 2) cylinder { <K * 2.4, -2, S>, <K * 2.4, Arch(2.4), S>, 0.10 pigment { rgb <0.50, 0.04, 0.03> } } #end #end
    #declare Patch = object { GrassPatch(500, 0.08, 0.25, 0.014, <0.16, 0.30, 0.06>, 3) }
    Scatter(Patch, 420, -11, 11, -9, 9, Bank, 0.12, 6, 0.9, 1.1, 5)
    #declare Cherry = union { BroadTree(9000, <0.80, 0.42, 0.52>, 5) }
    #declare Tree = union { BroadTree(9000, <0.10, 0.20, 0.05>, 8) }
    object { Cherry scale 0.62 translate <-6.6, 0.6, 3> } object { Cherry scale 0.7 rotate y * 70 translate <6.3, 0.5, 2.5> }
    Scatter(Tree, 60, -34, 34, 9, 45, Bank, 0.1, 6, 0.7, 1.0, 7)
    Scatter(Cherry, 12, -20, 20, 8, 16, Bank, 0.1, 6, 0.6, 0.8, 8)
    Water(<0.02, 0.05, 0.04>, 0.6, 0.05)
    #declare Random = seed(9);
    #for (I, 1, 26)
      disc { <Between(Random, -3.4, 2.2), 0.012, Between(Random, -5.5, -1.5)>, y, Between(Random, 0.10, 0.2) pigment { rgb <0.10, 0.26, 0.07> } }
    #end
  #break
#end
