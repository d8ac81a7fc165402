// Towers. Kind: 1 lighthouse on a cliff, 2 castle on a hill, 3 windmill in a field, 4 television tower in the evening.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "houses.inc"
#include "city.inc"

#if (Kind < 4)
  #declare Sun = <-0.65, 0.6, -0.5>;
  CloudySky(Sun, <0.06, 0.21, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
  Daylight(Sun, <1.5, 1.4, 1.2>, <0.32, 0.38, 0.45>)
  Haze(<0.62, 0.76, 0.92>, 900, 12)
#end
#switch (Kind)
  #case (1)
    View(<-26, 8, -84>, <6, 12, 0>, 37)
    #declare Cliff = function(x, y, z) { 9 * min(1, max(0, 1.5 - sqrt(pow(x - 8, 2) * 0.35 + z * z) / 16)) - 3 + 4.5 * f_ridged_mf(x / 13, 0, z / 13, 0.9, 2.1, 7, 0.95, 1.6, 2) * min(1, max(0, 2 - sqrt(pow(x - 8, 2) * 0.35 + z * z) / 12)) - 1 }
    object {
      Terrain(Cliff, -60, 80, -40, 60, -8, 14, 500)
      texture {
        slope { y, 0, 1 altitude y, 3, 12 }
        texture_map {
          [0.45 pigment { granite color_map { [0 rgb <0.16, 0.14, 0.12>] [1 rgb <0.44, 0.40, 0.34>] } scale 4 } normal { granite 0.8 scale 2 }]
          [0.72 pigment { granite color_map { [0 rgb <0.10, 0.15, 0.04>] [1 rgb <0.22, 0.28, 0.08>] } scale 5 } normal { granite 0.4 scale 0.6 }]
        }
      }
    }
    union {
      cone { <0, 0, 0>, 2.9, <0, 16, 0>, 1.9 pigment { gradient y color_map { [0.5 rgb 0.92] [0.5 rgb <0.70, 0.05, 0.04>] } scale 6.4 } }
      cylinder { <0, 16, 0>, <0, 16.4, 0>, 2.8 pigment { rgb 0.15 } }
      cylinder { <0, 16.4, 0>, <0, 18.8, 0>, 1.5 pigment { rgbt <0.8, 0.9, 0.9, 0.3> } finish { reflection 0.3 specular 0.8 } }
      sphere { <0, 17.4, 0>, 0.7 pigment { rgb 1 } finish { emission <1, 0.9, 0.6> } }
      cone { <0, 18.8, 0>, 1.8, <0, 20.6, 0>, 0.1 pigment { rgb <0.70, 0.05, 0.04> } }
      #for (I, 0, 15)
        cylinder { <2.7, 16.4, 0>, <2.7, 17.4, 0>, 0.05 rotate y * 22.5 * I pigment { rgb 0.15 } }
      #end
      torus { 2.7, 0.06 translate y * 17.4 pigment { rgb 0.15 } }
      #for (I, 0, 2) box { <-0.35, 4 + 4 * I, -3>, <0.35, 5.2 + 4 * I, 0> pigment { rgb 0.05 } } #end
      translate <8, 7.6, 0>
    }
    union {
      box { <-3.5, -2, -2.5>, <3.5, 3, 2.5> Plaster(<0.92, 0.92, 0.9>) }
      object { GableRoof(3.5, 2.5, 2, 0.15) RoofTiles(<0.45, 0.12, 0.07>, 0.3) translate y * 3 }
      object { Gable(3.5, 2.5, 2) Plaster(<0.92, 0.92, 0.9>) translate y * 3 }
      object { HouseWindow(0.9, 1.1, 0.4, 0) translate <-1.5, 1, -2.5> } object { HouseWindow(0.9, 1.1, 0.4, 0) translate <1.5, 1, -2.5> }
      translate <15.5, 7.6, 1>
    }
    Water(<0.015, 0.09, 0.17>, 2.6, 0.4)
  #break
  #case (2)
    View(<-20, 9, -75>, <3, 20, 0>, 54)
    #declare Mound = function(x, y, z) { 15 * exp(-(x * x + z * z) / 900) + 5 * Fbm(x / 25, 0, z / 25) - 2 + max(0, z - 60) * 0.1 }
    object { Terrain(Mound, -160, 160, -80, 260, -5, 60, 400) MeadowTexture(<0.16, 0.24, 0.06>) }
    #declare Stones = StoneWall(<0.50, 0.46, 0.38>, 0.7)
    #macro Keep(X, Z, R, H, Roof)
      union {
        cylinder { <0, -4, 0>, <0, H, 0>, R texture { Stones } }
        cylinder { <0, H, 0>, <0, H + 0.5, 0>, R + 0.4 texture { Stones } }
        #if (Roof)
          cone { <0, H + 0.5, 0>, R + 0.7, <0, H + R * 2.6, 0>, 0.1 RoofTiles(<0.24, 0.20, 0.24>, 0.5) }
          cylinder { <0, H + R * 2.5, 0>, <0, H + R * 2.6 + 2.5, 0>, 0.07 pigment { rgb 0.1 } }
          triangle { <0, H + R * 2.6 + 2.5, 0>, <0, H + R * 2.6 + 1.5, 0>, <2.2, H + R * 2.6 + 2.0, 0> pigment { rgb <0.7, 0.05, 0.04> } }
        #else
          #for (I, 0, 9) box { <-0.6, H + 0.5, -R - 0.4>, <0.6, H + 1.6, -R + 0.3> rotate y * 36 * I texture { Stones } } #end
        #end
        #for (I, 0, 2) box { <-0.3, H * (0.3 + 0.25 * I), -R - 0.1>, <0.3, H * (0.3 + 0.25 * I) + 1.6, 0> rotate y * (40 * I - 30) pigment { rgb 0.02 } } #end
        translate <X, 15, Z>
      }
    #end
    #macro Rampart(A, B)
      #local D = B - A;
      #local L = vlength(D);
      union {
        box { <0, -5, -1>, <L, 7, 1> }
        #for (I, 0, int(L / 2.4)) box { <I * 2.4, 7, -1.2>, <I * 2.4 + 1.3, 8.2, -0.7> } #end
        texture { Stones }
        rotate y * -degrees(atan2(D.z, D.x))
        translate A + y * 15
      }
    #end
    Rampart(<-15, 0, -9>, <15, 0, -9>) Rampart(<-15, 0, 9>, <-15, 0, -9>) Rampart(<15, 0, -9>, <15, 0, 9>)
    Keep(-15, -9, 3.2, 11, 1) Keep(15, -9, 3.2, 11, 1) Keep(-15, 10, 3, 13, 1) Keep(15, 10, 3, 13, 1) Keep(3, 4, 5, 21, 0) Keep(-5, 5, 3.2, 17, 1)
    Keep(-3.2, -9.6, 1.8, 10, 0) Keep(3.2, -9.6, 1.8, 10, 0)
    box { <-1.5, 13, -10.3>, <1.5, 20, -9> pigment { rgb <0.16, 0.09, 0.04> } }
    #declare Tree = union { BroadTree(8000, <0.09, 0.18, 0.05>, 5) }
    Scatter(Tree, 130, -80, 80, -50, -14, Mound, -9, 12, 0.5, 0.8, 6)
    Scatter(Tree, 200, -130, 130, 20, 200, Mound, -9, 30, 0.7, 1.1, 7)
  #break
  #case (3)
    View(<-5, 2.4, -26>, <1.5, 7.0, 0>, 56)
    #declare Field = function(x, y, z) { 0.5 * f_noise3d(x / 12, 0, z / 12) - 0.3 + max(0, z - 30) * 0.01 }
    object { Terrain(Field, -120, 120, -26, 190, -2, 6, 300) MeadowTexture(<0.16, 0.25, 0.06>) }
    #declare Patch = object { GrassPatch(500, 0.15, 0.40, 0.016, <0.20, 0.30, 0.07>, 3) }
    Lawn(Patch, -14, 12, -23, 6, 1.2, Field, 8)
    union {
      cone { <0, -0.5, 0>, 3.4, <0, 9, 0>, 2.1 Plaster(<0.90, 0.88, 0.84>) }
      sphere { 0, 2.25 scale <1, 0.85, 1> translate y * 9 pigment { rgb <0.20, 0.12, 0.08> } normal { gradient x 0.5 scale 0.4 } }
      #for (I, 0, 2) object { HouseWindow(0.8, 1.0, <0.2, 0.3, 0.5>, 0) rotate x * 8 translate <0, 1.6 + 2.6 * I, -3.15 + 0.38 * I> rotate y * (-25 + 25 * I) } #end
      union {
        cylinder { <0, 0, -0.4>, <0, 0, 1.5>, 0.28 }
        #for (I, 0, 3)
          union {
            box { <-0.09, 0, -0.1>, <0.09, 6.8, 0.1> }
            #for (K, 0, 11) box { <0, 1.2 + 0.48 * K, -0.03>, <1.35, 1.26 + 0.48 * K, 0.03> } #end
            box { <1.3, 1.2, -0.04>, <1.37, 6.55, 0.04> } box { <0.62, 1.2, -0.04>, <0.67, 6.55, 0.04> }
            box { <0.1, 1.2, 0.02>, <1.3, 6.5, 0.03> pigment { rgb <0.88, 0.84, 0.74> } }
            rotate z * (90 * I + 28)
          }
        #end
        pigment { rgb <0.28, 0.16, 0.08> }
        translate <0, 9.2, -2.9>
        rotate y * 14
      }
      translate <2.2, 0, 0>
    }
    #declare Tulip = union {
      cone { 0, 0.012, <0, 0.42, 0>, 0.009 pigment { rgb <0.12, 0.25, 0.06> } }
      sphere { 0, 1 scale <0.06, 0.085, 0.06> translate y * 0.48 pigment { rgb <0.80, 0.05, 0.04> } }
    }
    #declare YellowTulip = union {
      cone { 0, 0.012, <0, 0.42, 0>, 0.009 pigment { rgb <0.12, 0.25, 0.06> } }
      sphere { 0, 1 scale <0.06, 0.085, 0.06> translate y * 0.48 pigment { rgb <0.95, 0.70, 0.04> } }
    }
    Scatter(Tulip, 1600, -16, 3, -18, -9, Field, -5, 5, 0.9, 1.2, 4)
    Scatter(YellowTulip, 1400, -18, 3, -9, -2, Field, -5, 5, 0.9, 1.2, 5)
    #declare Tree = union { BroadTree(8000, <0.09, 0.18, 0.05>, 5) }
    Scatter(Tree, 60, -90, 90, 60, 130, Field, -9, 9, 0.8, 1.2, 6)
  #break
  #case (4)
    View(<0, 8, -110>, <0, 112, 200>, 66)
    ClearSky(<0.3, 0.05, 1>, <0.03, 0.05, 0.18>, <0.75, 0.30, 0.22>, <0.5, 0.25, 0.1>, 6)
    light_source { <-300, 900, -500> rgb <0.30, 0.26, 0.36> }
    #declare Random = seed(23);
    Skyline(110, Random)
    union {
      #for (I, 0, 2) cylinder { <9, 0, 0>, <9, 120, 0>, 3 rotate y * (120 * I + 30) } #end
      #for (I, 0, 2) cone { <34, 0, 0>, 2.4, <9, 48, 0>, 2.4 rotate y * (120 * I + 30) } #end
      cone { <0, 120, 0>, 5, <0, 185, 0>, 3 } cone { <0, 185, 0>, 2, <0, 262, 0>, 0.3 }
      pigment { rgb <0.42, 0.42, 0.50> } finish { emission 0.10 specular 0.3 }
      translate <0, 0, 160>
    }
    union {
      sphere { <0, 44, 0>, 20 } sphere { <0, 128, 0>, 15 } sphere { <0, 182, 0>, 6 }
      pigment { function { mod(y / 2.6 + 100, 1) } color_map { [0.5 rgb <0.55, 0.06, 0.22>] [0.5 rgb <0.95, 0.30, 0.50>] } }
      finish { emission 0.5 specular 0.6 roughness 0.02 }
      translate <0, 0, 160>
    }
    #for (I, 0, 11) sphere { <0, 62 + 5 * I, 160 - 13>, 0.8 pigment { rgb 1 } finish { emission <2, 1.6, 1> } no_shadow } #end
    box { <-600, -2, 118>, <600, 1.5, 140> pigment { rgb 0.03 } }
    #for (I, -34, 34) sphere { <I * 9, 5, 117.5>, 0.6 pigment { rgb 1 } finish { emission <3.2, 2.2, 0.9> } no_shadow } #end
    Water(<0.01, 0.012, 0.03>, 1.6, 0.12)
  #break
#end
