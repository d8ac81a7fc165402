// Signs; the lettering comes from the picture sign.png. Kind: 1 wooden board on a wall, 2 road sign, 3 light box at night, 4 paper on a red door, 5 stop sign.
// Aspect is the width of the lettering divided by its height.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "houses.inc"
#include "materials.inc"
#include "roads.inc"

// The lettering on a rectangle Aspect wide and 1 high around the origin, facing the viewer. Shine is how much light it gives off.
#macro Lettering(Shine)
  box {
    <-0.5, -0.5, -0.01>, <0.5, 0.5, 0>
    pigment { image_map { png "sign.png" interpolate 2 once } translate <-0.5, -0.5, 0> }
    finish { ambient 0.1 emission Shine diffuse 0.75 }
    scale <Aspect, 1, 1>
  }
#end
#if (Kind != 3)
  #declare Sun = <-0.5, 0.7, -0.75>;
  CloudySky(Sun, <0.06, 0.21, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
  SoftDaylight(Sun, <1.3, 1.2, 1.0>, <0.36, 0.38, 0.42>, 60, 2)
#end
#switch (Kind)
  #case (1)
    View(<0.5, 1.9, -4.1>, <0, 2.05, 0>, 48)
    box { <-6, -1, 0.15>, <6, 6, 1> Plaster(<0.72, 0.66, 0.56>) }
    box { <-6, -1, 0.08>, <6, 1.15, 0.5> StoneWall(<0.45, 0.43, 0.40>, 0.35) }
    union {
      box { <-Aspect / 2 - 0.09, -0.59, 0>, <Aspect / 2 + 0.09, 0.59, 0.06> texture { pigment { Wood(<0.28, 0.14, 0.06>, <0.16, 0.07, 0.03>) scale 3 } } }
      object { Lettering(0) }
      #for (S, -1, 1, 2) cylinder { <S * Aspect * 0.38, 0.55, 0.03>, <S * Aspect * 0.38, 0.95, 0.03>, 0.012 pigment { rgb 0.05 } } #end
      translate <0, 2.15, 0>
    }
    cylinder { <-Aspect / 2 - 0.25, 3.1, 0.03>, <Aspect / 2 + 0.25, 3.1, 0.03>, 0.035 pigment { rgb 0.06 } }
    #for (S, -1, 1, 2) box { <S * (Aspect / 2 + 0.2) - 0.03, 3.07, 0>, <S * (Aspect / 2 + 0.2) + 0.03, 3.13, 0.3> pigment { rgb 0.06 } } #end
    #declare Random = seed(7);
    #for (B, -1, 1, 2)
      cone { <B * 1.45, 1.1, -0.15>, 0.16, <B * 1.45, 1.4, -0.15>, 0.20 pigment { rgb <0.50, 0.22, 0.12> } }
      mesh {
        #for (I, 1, 420) #local D = <rand(Random) - 0.5, rand(Random) * 0.9, rand(Random) - 0.5>; Leaf(<B * 1.45, 1.42, -0.15> + D * 0.35, D, 0.11, 0.055, Random) #end
        pigment { rgb <0.09, 0.22, 0.05> } finish { diffuse 0.7, 0.3 }
      }
      #for (I, 1, 16) #local D = vnormalize(<rand(Random) - 0.5, rand(Random) * 0.9, rand(Random) - 0.8>); sphere { <B * 1.45, 1.48, -0.15> + D * 0.22, 0.028 pigment { rgb <0.85, 0.12, 0.25> } } #end
    #end
  #break
  #case (2)
    View(<0.6, 1.6, -5.2>, <0, 2.35, 0>, 42)
    Haze(<0.62, 0.76, 0.92>, 300, 6)
    #declare Land = function(x, y, z) { 0.02 * max(0, z - 8) - 0.04 }
    object { Terrain(Land, -80, 80, -12, 120, -1, 6, 200) MeadowTexture(<0.15, 0.25, 0.06>) }
    object { Road(6, Asphalt) translate z * 6 }
    #declare Tree = union { BroadTree(6000, <0.09, 0.18, 0.05>, 5) }
    Scatter(Tree, 40, -45, 45, 16, 60, Land, -9, 9, 0.7, 1.1, 6)
    union {
      box { <-Aspect / 2 - 0.03, -0.53, 0>, <Aspect / 2 + 0.03, 0.53, 0.03> Steel() }
      object { Lettering(0) }
      scale 0.95 translate y * 2.75
    }
    #for (S, -1, 1, 2) cylinder { <S * Aspect * 0.28, -0.2, 0.07>, <S * Aspect * 0.28, 3.3, 0.07>, 0.045 pigment { rgb 0.45 } finish { specular 0.5 } } #end
  #break
  #case (3)
    View(<0.9, 2.1, -4.4>, <0, 2.4, 0>, 44)
    NightSky(<0.005, 0.006, 0.015>, <0.02, 0.02, 0.04>, 0)
    light_source { <-6, 9, -8> rgb <0.14, 0.15, 0.22> }
    light_source { <0, 2.5, -1.1> rgb <Red, Green, Blue> * 0.9 fade_distance 1.6 fade_power 2 shadowless }
    box { <-8, -1, 0.53>, <8, 7, 1> BrickWall(<0.36, 0.13, 0.08>) }
    plane { y, 0 texture { WetAsphalt } }
    union {
      superellipsoid { <0.08, 0.08> scale <Aspect / 2 + 0.10, 0.60, 0.14> translate z * 0.16 pigment { rgb 0.03 } finish { specular 0.4 reflection 0.05 } }
      object { Lettering(0.75) no_shadow }
      translate y * 2.55
    }
    #for (S, -1, 1, 2) cylinder { <S * Aspect * 0.3, 3.0, 0.2>, <S * Aspect * 0.3, 3.3, 0.55>, 0.03 pigment { rgb 0.03 } } #end
    box { <-0.6, 0, 0.45>, <0.6, 1.75, 0.6> pigment { rgb <0.10, 0.06, 0.04> } }
    box { <-0.45, 0.7, 0.43>, <0.45, 1.6, 0.46> pigment { rgb <0.9, 0.6, 0.3> } finish { emission 0.35 } }
  #break
  #case (4)
    View(<0.4, 1.55, -3.9>, <0, 1.62, 0>, 58)
    box { <-6, -1, 0.1>, <6, 6, 1> Plaster(<0.55, 0.53, 0.50>) }
    #for (S, -1, 1, 2)
      box { <S * 0.01, 0, 0>, <S * 1.25, 2.9, 0.15> pigment { rgb <0.36, 0.02, 0.018> } finish { specular 0.08 roughness 0.06 } }
      #for (I, 0, 2) #for (K, 0, 4) sphere { <S * (0.2 + 0.21 * K), 0.35 + 0.26 * I + 1.75 * (I > 1) , 0>, 0.035 pigment { rgb <0.80, 0.58, 0.18> } finish { specular 0.8 metallic } } #end #end
      torus { 0.10, 0.014 rotate x * 80 translate <S * 0.17, 0.88, -0.05> Metal(<0.80, 0.58, 0.22>) }
      sphere { <S * 0.17, 0.98, -0.02>, 0.05 Metal(<0.80, 0.58, 0.22>) }
      box { <S * 1.25, 0, -0.05>, <S * 1.45, 3.1, 0.2> pigment { rgb <0.20, 0.02, 0.02> } }
      union {
        sphere { 0, 0.26 scale <1, 0.85, 1> pigment { rgb <0.80, 0.03, 0.02> } normal { radial 0.9 frequency 16 } finish { ambient 0.15 } }
        cylinder { <0, -0.27, 0>, <0, -0.2, 0>, 0.1 pigment { rgb <0.85, 0.62, 0.15> } } cylinder { <0, 0.2, 0>, <0, 0.27, 0>, 0.1 pigment { rgb <0.85, 0.62, 0.15> } }
        cone { <0, -0.55, 0>, 0.05, <0, -0.27, 0>, 0.03 pigment { rgb <0.85, 0.55, 0.1> } }
        translate <S * 1.72, 2.35, -0.25>
      }
    #end
    box { <-1.45, 2.9, -0.05>, <1.45, 3.15, 0.2> pigment { rgb <0.20, 0.02, 0.02> } }
    intersection {
      object { Lettering(0.05) }
      box { <-0.5, -0.5, -1>, <0.5, 0.5, 1> scale <0.7, 0.7, 1> rotate z * 45 }
      scale <1.15, 1.15, 1> translate <0, 1.72, -0.01>
    }
    box { <-6, -0.2, -6>, <6, 0, 1> StoneWall(<0.42, 0.41, 0.39>, 0.7) }
  #break
  #case (5)
    View(<0.5, 1.7, -3.9>, <0, 2.15, 0>, 42)
    Haze(<0.62, 0.76, 0.92>, 300, 6)
    object { Terrain(Flat, -80, 80, -12, 120, -1, 6, 30) MeadowTexture(<0.15, 0.25, 0.06>) }
    object { Road(6, Asphalt) translate z * 6 }
    #declare Tree = union { BroadTree(6000, <0.09, 0.18, 0.05>, 5) }
    Scatter(Tree, 36, -45, 45, 16, 50, Flat, -9, 9, 0.7, 1.1, 9)
    intersection {
      box { <-0.5, -0.5, -0.012>, <0.5, 0.5, 0.01> }
      box { <-0.5, -0.5, -1>, <0.5, 0.5, 1> rotate z * 45 }
      pigment { rgb 0.93 }
      scale 1.3 translate y * 2.5
    }
    intersection {
      box { <-0.5, -0.5, -0.02>, <0.5, 0.5, 0.005> }
      box { <-0.5, -0.5, -1>, <0.5, 0.5, 1> rotate z * 45 }
      pigment { image_map { png "sign.png" interpolate 2 } translate <-0.5, -0.5, 0> }
      finish { diffuse 0.75 }
      scale 1.22 translate y * 2.5
    }
    cylinder { <0, -0.2, 0.05>, <0, 3.0, 0.05>, 0.04 pigment { rgb 0.45 } finish { specular 0.5 } }
  #break
#end
