// Houses. Style: 1 red brick, 2 white by the sea, 3 log cabin in snow, 4 modern, 5 Chinese, 6 thatched cottage.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "houses.inc"
#include "wood.inc"

#declare Sun = <-0.55, 0.75, -0.6>;
#declare Air = <0.62, 0.76, 0.92>;
CloudySky(Sun, <0.06, 0.21, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.42, 1.6)
SoftDaylight(Sun, <1.5, 1.4, 1.2>, <0.32, 0.38, 0.45>, 400, 14)
Haze(Air, 350, 6)
#declare Land = function(x, y, z) { 0.5 * f_noise3d(x / 9, 0, z / 9) * min(1, max(0, sqrt(x * x + z * z) - 6) / 8) + max(0, z - 12) * 0.02 }

// Lawn and trees around a house.
#macro Garden(Blades)
  object { Terrain(Land, -90, 90, -20, 150, -3, 9, 300) MeadowTexture(<0.15, 0.25, 0.06>) }
  #local Patch = object { GrassPatch(600, 0.05, 0.15, 0.012, <0.17, 0.32, 0.06>, 3) }
  #if (Blades) Lawn(Patch, -13, 13, -13, 6, 1.1, Land, 8) #end
  #local Tree = union { BroadTree(10000, <0.09, 0.18, 0.05>, 5) }
  object { Tree scale 1.1 translate <-9.5, 0, 4> }
  object { Tree scale 0.95 rotate y * 100 translate <9.5, 0, 3> }
  Scatter(Tree, 60, -60, 60, 28, 80, Land, -9, 9, 0.9, 1.5, 6)
#end
// A path of flags to the door.
#macro Path(Colour)
  box { <-0.75, -0.2, -16>, <0.75, 0.05, -3> StoneWall(Colour, 0.5) }
#end
// Bushes with flowers along the wall.
#macro Bushes(Flower, MinX, MaxX, Z)
  #local Random = seed(4);
  #for (I, 0, 7)
    #local P = <MinX + (MaxX - MinX) * I / 7, 0.25, Z>;
    mesh {
      #for (K, 1, 900)
        #local D = vnormalize(<rand(Random) - 0.5, rand(Random) - 0.4, rand(Random) - 0.5>) * 0.42;
        Leaf(P + D, D + <rand(Random) - 0.5, rand(Random) - 0.5, rand(Random) - 0.5>, 0.09, 0.06, Random)
      #end
      pigment { rgb <0.07, 0.16, 0.04> } finish { diffuse 0.7, 0.3 }
    }
    #for (K, 1, 24)
      #local D = vnormalize(<rand(Random) - 0.5, rand(Random) - 0.1, -rand(Random)>) * 0.45;
      sphere { P + D, 0.035 pigment { rgb Flower } }
    #end
  #end
#end

#switch (Style)
  #case (1)
    View(<5.5, 2.3, -13.5>, <0.1, 2.7, 0>, 50)
    Garden(1) Path(<0.42, 0.40, 0.37>) Bushes(<0.9, 0.2, 0.3>, -3.9, -1.2, -3.5) Bushes(<0.95, 0.8, 0.2>, 1.2, 3.9, -3.5)
    box { <-4.4, -0.5, -3>, <4.4, 3.2, 3> BrickWall(<0.42, 0.12, 0.07>) }
    object { Gable(4.4, 3, 2.6) BrickWall(<0.42, 0.12, 0.07>) translate y * 3.2 }
    object { GableRoof(4.4, 3, 2.6, 0.18) RoofTiles(<0.16, 0.12, 0.12>, 0.3) translate y * 3.2 }
    box { <2.2, 4, -0.2>, <3.0, 7.0, 0.6> BrickWall(<0.38, 0.11, 0.07>) }
    object { Door(<0.10, 0.22, 0.12>) translate z * -3 }
    object { HouseWindow(1.3, 1.3, 0.88, 0) translate <-2.6, 1, -3> }
    object { HouseWindow(1.3, 1.3, 0.88, 0) translate <2.6, 1, -3> }
    object { HouseWindow(1.0, 1.2, 0.88, 0) rotate y * -90 translate <4.4, 1, 0> }
    object { HouseWindow(0.9, 1.1, 0.88, 0) rotate y * -90 translate <4.4, 3.7, 0> }
  #break
  #case (2)
    View(<7, 4.2, -16>, <0.3, 2.9, 0>, 50)
    object { Terrain(function(x, y, z) { -0.02 * max(0, z - 5) * (z - 5) * 0.2 + 0.3 * Fbm(x / 3, 0, z / 3) - 0.2 - max(0, z - 9) * 0.5 }, -60, 60, -20, 40, -40, 3, 300)
      pigment { granite color_map { [0 rgb <0.30, 0.25, 0.17>] [1 rgb <0.55, 0.48, 0.36>] } scale 1.5 } normal { granite 0.4 scale 0.5 } }
    object { Water(<0.015, 0.09, 0.17>, 2.2, 0.25) translate y * -7 }
    #declare White = Plaster(<0.93, 0.93, 0.92>)
    union {
      box { <-4, -1, -3>, <1.5, 3.2, 3> }
      box { <1.5, -1, -2>, <5.5, 5.2, 3> }
      box { <-4.2, 3.1, -3.2>, <1.6, 3.5, -2.9> } box { <-4.2, 3.1, -3>, <-3.9, 3.5, 3> }
      box { <-6, -1, -4.6>, <-4, 1.4, 3> }
      box { <-8, -1, -7.2>, <-1.2, 0.55, -6.9> } box { <1.2, -1, -7.2>, <8, 0.55, -6.9> }
      cylinder { <-1.5, 3.1, 0.5>, <-1.5, 4.0, 0.5>, 1.75 }
      #for (I, 0, 7) box { <-6 , -1, -4.6 - 0.3 * I>, <-4, 1.2 - 0.2 * I, -4.3> } #end
      texture { White }
    }
    difference { sphere { <-1.5, 3.95, 0.5>, 1.68 } box { <-5, 0, -5>, <5, 3.95, 5> } pigment { rgb <0.03, 0.16, 0.50> } finish { specular 0.5 roughness 0.02 reflection 0.03 } }
    cylinder { <-1.5, 5.5, 0.5>, <-1.5, 6.2, 0.5>, 0.05 pigment { rgb 0.9 } }
    object { Door(<0.03, 0.16, 0.48>) translate <-0.2, 0, -3> }
    object { HouseWindow(0.9, 1.2, <0.03, 0.16, 0.48>, 0) translate <-2.6, 1, -3> }
    object { HouseWindow(0.9, 1.2, <0.03, 0.16, 0.48>, 0) translate <3.5, 1, -2> }
    object { HouseWindow(0.9, 1.2, <0.03, 0.16, 0.48>, 0) translate <3.5, 3.3, -2> }
    object { HouseWindow(0.9, 1.2, <0.03, 0.16, 0.48>, 0) rotate y * -90 translate <5.5, 3.3, 0.5> }
    Bushes(<0.85, 0.08, 0.40>, 1.9, 5.2, -2.5)
  #break
  #case (3)
    View(<5, 2.0, -14>, <0, 2.5, 0>, 50)
    #declare Snow = texture { pigment { rgb <0.80, 0.83, 0.88> } normal { bumps 0.15 scale 0.3 } finish { diffuse 0.85 } }
    object { Terrain(Land, -90, 90, -20, 150, -3, 9, 300) texture { Snow } }
    #declare LogWood = texture { pigment { Wood(<0.34, 0.19, 0.09>, <0.20, 0.10, 0.045>) scale 8 } }
    #for (I, 0, 9)
      cylinder { <-4.3, 0.16 + 0.3 * I, -3>, <4.3, 0.16 + 0.3 * I, -3>, 0.17 texture { LogWood translate <I, I, 0> } }
      cylinder { <3.8, 0.31 + 0.3 * I, -3.5>, <3.8, 0.31 + 0.3 * I, 3.5>, 0.17 texture { LogWood rotate y * 90 translate <0, I, I> } }
      cylinder { <-3.8, 0.31 + 0.3 * I, -3.5>, <-3.8, 0.31 + 0.3 * I, 3.5>, 0.17 texture { LogWood rotate y * 90 translate <0, I, I> } }
    #end
    object { Gable(3.8, 3, 2.2) texture { LogWood rotate x * 90 } translate y * 3 }
    object { GableRoof(3.9, 3, 2.2, 0.12) pigment { rgb <0.18, 0.10, 0.06> } translate y * 3 }
    object { GableRoof(3.85, 2.9, 2.2, 0.32) texture { Snow } translate y * 3.12 }
    box { <-2.6, 4, 0>, <-1.8, 6.4, 0.8> StoneWall(<0.36, 0.34, 0.32>, 0.3) }
    box { <-2.65, 6.4, -0.05>, <-1.75, 6.6, 0.85> texture { Snow } }
    object { Door(<0.25, 0.12, 0.05>) translate <-0.2, 0, -3.15> }
    object { HouseWindow(1.1, 1.0, <0.75, 0.68, 0.55>, <0.9, 0.55, 0.2>) translate <2.2, 1.0, -3.15> }
    object { HouseWindow(1.1, 1.0, <0.75, 0.68, 0.55>, <0.9, 0.55, 0.2>) translate <-2.5, 1.0, -3.15> }
    #declare Fir = union { Conifer(24, <0.07, 0.13, 0.08>, 4) }
    #declare SnowFir = union { object { Fir } union { Conifer(24, <0.62, 0.66, 0.72>, 4) translate y * 0.10 scale <0.97, 1, 0.97> } }
    object { SnowFir scale 0.85 translate <-7.5, 0, 2> } object { SnowFir scale 0.7 rotate y * 90 translate <7.4, 0, 0.5> }
    Scatter(SnowFir, 110, -50, 50, 9, 60, Land, -9, 9, 0.7, 1.4, 6)
  #break
  #case (4)
    View(<7.5, 2.6, -16.5>, <0.2, 2.6, 0>, 54)
    Garden(0)
    #declare White = Plaster(<0.92, 0.92, 0.90>)
    #declare Pane = texture { pigment { rgb <0.04, 0.06, 0.07> } finish { diffuse 0.2 specular 0.6 roughness 0.003 reflection { 0.22, 0.8 falloff 3 } } }
    union {
      box { <-6, 0, -2.6>, <6, 0.15, 4> } box { <-6, 2.9, -3.4>, <4.6, 3.2, 4> } box { <-1, 5.9, -3.9>, <6.4, 6.2, 4> }
      box { <-6, 0, -2.4>, <-5.7, 3, 4> } box { <-1, 3.1, -3.0>, <-0.7, 6, 4> } box { <6.1, 3.1, -3.0>, <6.4, 6, 4> } box { <4.6, 2.9, -3.4>, <6.4, 3.2, 4> }
      box { <3.4, 0, -2.4>, <6, 3, -2.1> }
      texture { White }
    }
    box { <-5.7, 0.15, -2.2>, <3.4, 2.9, 3.5> texture { Pane } }
    box { <-0.7, 3.2, -2.8>, <6.1, 5.9, 3.5> texture { Pane } }
    #for (I, 0, 6) box { <-5.7 + 1.5 * I, 0.15, -2.25>, <-5.64 + 1.5 * I, 2.9, -2.1> pigment { rgb 0.05 } } #end
    #for (I, 0, 4) box { <-0.7 + 1.7 * I, 3.2, -2.85>, <-0.64 + 1.7 * I, 5.9, -2.7> pigment { rgb 0.05 } } #end
    box { <3.6, 0.1, -2.5>, <5.8, 2.8, -2.35> pigment { Wood(<0.45, 0.27, 0.13>, <0.28, 0.15, 0.06>) rotate z * 90 scale 6 } }
    // pool
    box { <-6, -0.3, -8.5>, <3, 0.06, -4> pigment { rgb 0.75 } }
    box { <-5.6, -0.2, -8.1>, <2.6, 0.07, -4.4> WaterTexture(<0.05, 0.38, 0.50>, 0.6, 0.05) }
    box { <-7, -0.3, -9.5>, <5, 0.04, -2> pigment { checker rgb <0.62, 0.58, 0.52>, rgb <0.58, 0.54, 0.48> scale 0.8 } }
  #break
  #case (5)
    View(<5, 2.6, -16.5>, <0, 2.9, 0>, 52)
    object { Terrain(Land, -90, 90, -20, 150, -3, 9, 300) MeadowTexture(<0.15, 0.25, 0.06>) }
    box { <-14, -0.5, -16>, <14, 0.06, 5> StoneWall(<0.40, 0.39, 0.37>, 0.8) }
    box { <-5.4, 0, -3.6>, <5.4, 0.55, 3.4> StoneWall(<0.50, 0.49, 0.47>, 0.6) }
    #for (I, 0, 2) box { <-1.2, 0, -4.5 + 0.3 * I>, <1.2, 0.18 * (I + 1), -3.5> pigment { rgb 0.5 } } #end
    box { <-4.8, 0.5, -2.2>, <4.8, 3.8, 3> Plaster(<0.85, 0.83, 0.78>) }
    #for (I, 0, 5)
      cylinder { <-4.9 + 1.96 * I, 0.5, -3.1>, <-4.9 + 1.96 * I, 3.9, -3.1>, 0.16 pigment { rgb <0.50, 0.05, 0.03> } finish { specular 0.4 roughness 0.03 } }
      cylinder { <-4.9 + 1.96 * I, 0.5, -3.1>, <-4.9 + 1.96 * I, 0.7, -3.1>, 0.24 pigment { rgb 0.5 } }
    #end
    box { <-5.2, 3.55, -3.25>, <5.2, 3.95, -2.95> pigment { gradient x color_map { [0.5 rgb <0.05, 0.22, 0.32>] [0.5 rgb <0.06, 0.32, 0.18>] } scale 1.3 } }
    // lattice doors and windows
    #for (I, 0, 4)
      box { <-4.7 + 1.96 * I, 0.6, -2.28>, <-3.14 + 1.96 * I, 3.5, -2.2>
        pigment { function { select(min(min(abs(mod(x * 5 + 1000, 1) - 0.5), abs(mod(y * 5 + 1000, 1) - 0.5)) - 0.12, y - 1.5), 1, 0) } color_map { [0.5 rgb <0.75, 0.68, 0.50>] [0.5 rgb <0.42, 0.06, 0.03>] } } }
    #end
    object { CurvedRoof(6.6, 4.9, 2.9, 0.8, 3.4, <0.20, 0.21, 0.23>) translate <0, 3.9, 0> }
    #for (S, -1, 1, 2)
      union {
        sphere { 0, 0.32 scale <1, 0.85, 1> pigment { rgb <0.85, 0.03, 0.02> } normal { radial 0.8 frequency 16 } finish { ambient 0.2 specular 0.2 } }
        cylinder { <0, -0.42, 0>, <0, -0.25, 0>, 0.12 pigment { rgb <0.9, 0.65, 0.1> } }
        cylinder { <0, 0.25, 0>, <0, 0.6, 0>, 0.02 pigment { rgb 0.1 } }
        translate <S * 1.96, 2.9, -3.5>
      }
    #end
    #declare Tree = union { BroadTree(10000, <0.10, 0.19, 0.05>, 5) }
    object { Tree translate <-9.5, 0, 3> } object { Tree scale 0.9 rotate y * 70 translate <9.6, 0, 4> }
    Scatter(Tree, 40, -60, 60, 20, 60, Land, -9, 9, 0.9, 1.5, 6)
  #break
  #case (6)
    View(<-5.2, 2.1, -12.5>, <0, 2.4, 0>, 50)
    Garden(1) Path(<0.46, 0.42, 0.34>) Bushes(<0.85, 0.1, 0.15>, -3.7, -1.1, -2.9) Bushes(<0.6, 0.2, 0.7>, 1.1, 3.7, -2.9)
    box { <-4, -0.5, -2.5>, <4, 2.5, 2.5> Plaster(<0.88, 0.83, 0.70>) }
    object { Gable(4, 2.5, 2.9) Plaster(<0.88, 0.83, 0.70>) translate y * 2.5 }
    union {
      #for (I, 0, 5) box { <-4.02 + 1.608 * I - 0.08, 0, -2.54>, <-4.02 + 1.608 * I + 0.08, 2.5, -2.4> } #end
      box { <-4.05, 2.35, -2.55>, <4.05, 2.55, -2.4> } box { <-4.05, 0, -2.55>, <4.05, 0.25, -2.4> }
      box { <-4.05, 0, -2.55>, <-3.95, 2.5, -2.4> } box { <-4.06, 2.35, -2.5>, <-3.9, 2.55, 2.5> }
      pigment { rgb <0.10, 0.06, 0.04> }
    }
    object { GableRoof(4.1, 2.7, 3.1, 0.45) translate y * 2.4
      texture { pigment { bozo color_map { [0.2 rgb <0.30, 0.22, 0.11>] [0.8 rgb <0.50, 0.38, 0.20>] } scale <0.04, 0.5, 0.5> } normal { bumps 1 scale <0.03, 0.4, 0.4> } } }
    box { <1.8, 4, 0>, <2.5, 6.6, 0.7> StoneWall(<0.42, 0.40, 0.36>, 0.3) }
    object { Door(<0.30, 0.15, 0.06>) translate z * -2.52 }
    object { HouseWindow(1.0, 0.9, 0.88, 0) translate <-2.4, 1, -2.52> }
    object { HouseWindow(1.0, 0.9, 0.88, 0) translate <2.4, 1, -2.52> }
    object { HouseWindow(0.9, 0.9, 0.88, 0) rotate y * 90 translate <-4, 3.1, 0> }
  #break
#end
