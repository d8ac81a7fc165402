// A street in the rain, at night or, with Day = 1, on a grey day; somebody walks under an umbrella of the colour Red, Green, Blue.
#include "common.inc"
#include "sky.inc"
#include "roads.inc"
#include "vehicles.inc"
#include "city.inc"

#if (Day)
  View(<0.9, 1.70, -8.2>, <0.2, 1.75, 0>, 54)
  NightSky(<0.45, 0.48, 0.53>, <0.62, 0.64, 0.67>, 0)
  fog { fog_type 1 distance 70 rgb <0.58, 0.60, 0.63> }
  light_source { <-30, 60, -40> rgb <0.80, 0.83, 0.90> shadowless }
  light_source { <30, 80, 10> rgb <0.50, 0.52, 0.56> shadowless }
#else
  View(<-0.6, 1.65, -9>, <0.3, 1.95, 0>, 56)
  NightSky(<0.008, 0.008, 0.014>, <0.06, 0.045, 0.05>, 0)
  fog { fog_type 1 distance 90 rgb <0.055, 0.048, 0.060> }
  light_source { <-30, 60, -40> rgb <0.10, 0.11, 0.15> shadowless }
#end
#declare Random = seed(5);

plane { y, 0 texture { WetAsphalt } }
#for (S, -1, 1, 2)
  box { <S * 4.2 - 0.15, -0.1, -12>, <S * 4.2 + 0.15, 0.14, 120> pigment { rgb 0.16 } finish { reflection 0.06 } }
  box { <S * 4.3, -0.1, -12>, <S * 9, 0.13, 120> pigment { checker rgb 0.10, rgb 0.14 scale 0.8 } finish { reflection { 0.04, 0.4 } } normal { bumps 0.1 scale 0.2 } }
#end
#for (I, -1, 14) box { <-0.07, 0, I * 5>, <0.07, 0.004, I * 5 + 2> pigment { rgb 0.4 } finish { reflection 0.05 } } #end
// A house by day: plaster with rows of dark windows
#macro House(Wide, Deep, High, Wall)
  box {
    <-Wide / 2, 0, -Deep / 2>, <Wide / 2, High, Deep / 2>
    pigment {
      function { select(min(min(mod(y + 0.4, 3) - 1.1, 2.7 - mod(y + 0.4, 3)), abs(mod(z + 100.2, 2.3) - 1.15) - 0.55), 0, 1) }
      color_map { [0.5 rgb Wall] [0.5 rgb <0.08, 0.10, 0.12>] }
    }
  }
#end
// Houses with lit shop fronts
#declare Shop = array[5] { <1, 0.55, 0.18>, <0.95, 0.75, 0.45>, <0.30, 0.65, 1>, <1, 0.25, 0.35>, <0.45, 1, 0.6> };
#for (S, -1, 1, 2)
  #for (I, 0, 9)
    #declare Z = -8 + I * 9.5;
    #declare H = Between(Random, 9, 20);
    #if (Day)
      object { House(8, 9.2, H, <0.42, 0.30, 0.24> + <0.25, 0.28, 0.28> * rand(Random)) translate <S * 12.6, 0.6, Z + 4.6> }
    #else
      object { Tower(8, 9.2, H, <1, 0.68, 0.35>, Between(Random, 0.25, 0.5), Random) translate <S * 12.6, 0.6, Z + 4.6> }
    #end
    #declare Light = Shop[mod(I * 3 + (S + 1), 5)];
    box { <S * 8.5, 0.5, Z + 0.6>, <S * 8.7, 2.9, Z + 8.4> pigment { gradient z color_map { [0.08 rgb 0.02] [0.08 rgb Light * 0.55] } scale 2.6 } finish { emission 0.9 } }
    box { <S * 8.3, 3.1, Z + 0.8>, <S * 8.6, 3.9, Z + 8.2> pigment { rgb Light } finish { emission 0.9 } no_shadow }
    box { <S * 7.3, 2.95, Z + 0.4>, <S * 8.7, 3.05, Z + 8.6> pigment { rgb 0.04 } }
  #end
  #for (I, 0, 7)
    #declare Z = -1 + I * 9;
    union {
      cylinder { <S * 4.9, 0, Z>, <S * 4.9, 5.2, Z>, 0.06 }
      cylinder { <S * 4.9, 5.2, Z>, <S * 3.9, 5.4, Z>, 0.05 }
      pigment { rgb 0.02 }
    }
    sphere { <S * 3.8, 5.3, Z>, 0.19 pigment { rgb 1 } finish { emission <2.6, 2.0, 1.2> diffuse 0 } no_shadow }
    #if (I < 4) light_source { <S * 3.8, 5.2, Z> rgb <1.0, 0.72, 0.42> * 0.75 fade_distance 4 fade_power 2 } #end
  #end
#end
object { Car(<0.35, 0.36, 0.40>, 1) rotate y * 90 translate <-2.1, 0, 9> }
object { Car(<0.04, 0.05, 0.10>, 1) rotate y * -90 translate <2.4, 0, 26> }
// The walker: coat, legs and the umbrella
union {
  cone { <0, 0.55, 0>, 0.27, <0, 1.45, 0>, 0.17 pigment { rgb <0.12, 0.11, 0.13> } }
  sphere { <0, 1.60, 0>, 0.13 pigment { rgb <0.05, 0.03, 0.02> } }
  cylinder { <-0.09, 0.05, 0.08>, <-0.08, 0.6, 0>, 0.065 pigment { rgb 0.03 } }
  cylinder { <0.09, 0.05, -0.1>, <0.08, 0.6, 0>, 0.065 pigment { rgb 0.03 } }
  cylinder { <0.16, 1.3, 0>, <0.22, 1.0, -0.2>, 0.06 pigment { rgb <0.12, 0.11, 0.13> } }
  cylinder { <0.2, 1.0, -0.15>, <0.12, 2.16, -0.02>, 0.014 pigment { rgb 0.3 } }
  intersection {
    sphere { 0, 0.8 scale <1, 0.62, 1> }
    sphere { 0, 0.785 scale <1, 0.62, 1> inverse }
    plane { -y, -0.14 }
    pigment { rgb <Red, Green, Blue> }
    normal { radial 0.7 scallop_wave frequency 8 }
    finish { ambient 0.25 diffuse 0.8, 0.3 specular 0.5 roughness 0.02 }
    rotate z * 8
    translate <0.08, 1.64, 0>
  }
  translate <1.75, 0, -3.4>
}
// Rain
#for (I, 1, 1100)
  #declare P = <Between(Random, -6, 6), Between(Random, 0.2, 6), Between(Random, -6.5, 16)>;
  cylinder { P, P + <0.03, 0.26, 0>, 0.0022 pigment { rgbt <0.75, 0.78, 0.85, 0.45> } finish { ambient 0.35 } no_shadow }
#end
