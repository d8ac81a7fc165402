// Red lanterns at night. Kind: 1 in rows over an old street, 2 sky lanterns over a lake, 3 the street at dusk.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "houses.inc"

#declare Random = seed(8);
#if (Kind = 3)
  NightSky(<0.05, 0.09, 0.24>, <0.34, 0.27, 0.30>, 0)
#else
  NightSky(<0.004, 0.007, 0.022>, <0.030, 0.035, 0.070>, <0.35, 0.35, 0.4>)
#end
#if (Kind != 2)
  #if (Kind = 3)
    View(<1.6, 1.9, -6.0>, <-0.5, 2.8, 4>, 56)
    #declare Wet = 0.2;
    light_source { <20, 60, -40> rgb <0.42, 0.46, 0.62> }
  #else
    View(<0, 1.8, -8>, <0, 3.0, 4>, 56)
    #declare Wet = 0.4;
    light_source { <20, 60, -40> rgb <0.09, 0.10, 0.16> }
  #end
  box { <-20, -1, -10>, <20, 0, 60> StoneWall(<0.20, 0.20, 0.21>, 0.55) finish { reflection { select(Wet - 0.3, 0, 0.03), Wet } } }
  #declare Glow = <1, 0.16, 0.05>;
  #macro Lantern(P, Size)
    union {
      sphere { 0, 0.34 scale <1, 0.82, 1> pigment { gradient y color_map { [0 rgb <0.9, 0.02, 0.01>] [0.5 rgb <1, 0.08, 0.03>] [1 rgb <0.9, 0.02, 0.01>] } scale 0.56 translate y * -0.28 } normal { radial 0.9 frequency 18 } finish { emission 0.85 diffuse 0.4 } no_shadow }
      cylinder { <0, 0.25, 0>, <0, 0.31, 0>, 0.13 pigment { rgb <0.85, 0.6, 0.1> } finish { emission 0.3 } }
      cylinder { <0, -0.31, 0>, <0, -0.25, 0>, 0.13 pigment { rgb <0.85, 0.6, 0.1> } finish { emission 0.3 } }
      cone { <0, -0.62, 0>, 0.07, <0, -0.31, 0>, 0.04 pigment { rgb <0.85, 0.5, 0.05> } finish { emission 0.4 } }
      cylinder { <0, 0.3, 0>, <0, 0.55, 0>, 0.01 pigment { rgb 0.05 } }
      scale Size translate P
    }
  #end
  #for (S, -1, 1, 2)
    #for (I, 0, 5)
      union {
        box { <-3.6, 0, -2>, <3.6, 3.4, 2> Plaster(<0.50, 0.46, 0.42>) }
        box { <-3.4, 0, -2.06>, <3.4, 2.7, -2>
          pigment { function { select(min(min(abs(mod(x * 4 + 1000, 1) - 0.5), abs(mod(y * 4 + 1000, 1) - 0.5)) - 0.10, min(y - 0.9, abs(mod(x * 0.75 + 100.5, 1) - 0.5) - 0.08)), 0, 1) } color_map { [0.5 rgb <0.16, 0.04, 0.02>] [0.5 rgb <0.90, 0.50, 0.18>] } }
          finish { emission 0.55 } }
        #for (K, 0, 3) cylinder { <-3.5 + K * 2.33, 0, -2.6>, <-3.5 + K * 2.33, 3.4, -2.6>, 0.12 pigment { rgb <0.30, 0.04, 0.02> } } #end
        object { CurvedRoof(4.3, 3.3, 2.2, 0.5, 2.6, <0.10, 0.11, 0.13>) translate y * 3.4 }
        #for (K, 0, 2) object { Lantern(<-2.33 + K * 2.33, 2.75, -2.75>, 0.8) } #end
        rotate y * 90 * S
        translate <S * 6.2, 0, -3.5 + I * 7.6>
      }
      #if (I < 4) light_source { <S * 3.1, 2.4, -3.5 + I * 7.6> rgb Glow * 1.1 fade_distance 1.8 fade_power 2 } #end
    #end
  #end
  #for (I, 0, 7)
    #for (K, -3, 3)
      object { Lantern(<K * 0.92, 4.35 + 0.035 * K * K, -1.5 + I * 3.4>, 0.9) }
    #end
    sphere_sweep { b_spline 7, <-4.4, 5.8, 0>, 0.015 <-3.6, 5.3, 0>, 0.015 <-1.5, 4.95, 0>, 0.015 <0, 4.88, 0>, 0.015 <1.5, 4.95, 0>, 0.015 <3.6, 5.3, 0>, 0.015 <4.4, 5.8, 0>, 0.015 translate z * (-1.5 + I * 3.4) pigment { rgb 0.02 } }
    #if (I < 3) light_source { <0, 4.0, -1.5 + I * 3.4> rgb Glow * 1.4 fade_distance 2.2 fade_power 2 } #end
  #end
#else
  View(<0, 3, -14>, <0, 7.5, 10>, 60)
  light_source { <-200, 300, -100> rgb <0.06, 0.07, 0.12> }
  #declare Hills = function(x, y, z) { (z - 60) * 0.16 + 22 * Fbm(x / 60, 0, z / 60) - 12 }
  object { Terrain(Hills, -200, 200, 30, 230, -20, 80, 300) pigment { rgb <0.03, 0.04, 0.05> } normal { granite 0.5 scale 4 } }
  #declare SkyLantern = union {
    lathe { cubic_spline 8, <0.20, -0.05>, <0.24, 0>, <0.34, 0.35>, <0.40, 0.7>, <0.34, 0.92>, <0.16, 1.0>, <0, 1.02>, <-0.16, 1.0>
      pigment { gradient y color_map { [0 rgb <1, 0.72, 0.25>] [0.45 rgb <1, 0.42, 0.08>] [1 rgb <0.75, 0.18, 0.03>] } scale 1.03 } finish { emission 0.95 diffuse 0.2 } }
    sphere { <0, 0.02, 0>, 0.09 pigment { rgb 1 } finish { emission <3, 2.2, 1> } }
    no_shadow
  };
  #for (I, 1, 90)
    #declare Z = Between(Random, 0, 70);
    object { SkyLantern rotate y * 50 * I rotate z * Between(Random, -9, 9) translate <Between(Random, -0.62, 0.62) * (Z + 14), 1.2 + Between(Random, 0.02, 0.75) * (Z + 14), Z> }
  #end
  Water(<0.005, 0.008, 0.016>, 1.1, 0.07)
#end
