// A cat that sits on a wooden floor, ginger or Grey, turned by Turn degrees.
#include "common.inc"
#include "rooms.inc"
#include "materials.inc"
#include "fur.inc"

View(<0.25, 0.42, -1.35>, <0.0, 0.245, 0>, 31)
WindowLight(<1.2, 1.1, 0.95>, <0.36, 0.36, 0.42>, 0.8)
Backdrop(<0.46, 0.52, 0.50>, 1.6)
box { <-4, 0, 1.55>, <4, 0.12, 1.7> pigment { rgb 0.8 } }
plane { y, 0 Planks(<0.55, 0.35, 0.18>, <0.38, 0.21, 0.10>, 0.15, 0.06) }
// Stripes that run around the body; the chest, the muzzle and the paws are white.
#declare Stripes = function(x, y, z) { min(1, max(0, 0.55 + 0.6 * sin(105 * (y + 0.4 * x + 0.05 * f_noise3d(x * 22, y * 22, z * 22)) + 9 * abs(z)) + 0.5 * (f_noise3d(x * 60, y * 60, z * 60) - 0.5))) }
#declare Pale = function(x, y, z) { max(min(min(0.055 - abs(x), -z - 0.085), 0.352 - y), max(min(0.035 - abs(x), min(-z - 0.14, 0.375 - y)), 0.032 - y)) + 0.02 * (f_noise3d(x * 60, y * 60, z * 60) - 0.5) }
#if (Grey)
  #declare Dark = <0.06, 0.05, 0.045>;
  #declare Middle = <0.30, 0.27, 0.23>;
  #declare Light = <0.42, 0.39, 0.34>;
#else
  #declare Dark = <0.42, 0.15, 0.03>;
  #declare Middle = <0.80, 0.42, 0.14>;
  #declare Light = <0.86, 0.52, 0.22>;
#end
#declare Tones = array[3];
#for (I, 0, 2)
  #local F = 0.75 + 0.25 * I;
  #declare Tones[I] = texture {
    pigment {
      function { select(Pale(x, y, z), 0, 1) }
      pigment_map {
        [0.5 function { Stripes(x, y, z) } color_map { [0.1 rgb Dark * F] [0.4 rgb Middle * F] [0.9 rgb Light * F] }]
        [0.5 rgb <0.90, 0.86, 0.80> * F]
      }
    }
    finish { diffuse 0.85 specular 0.06 roughness 0.08 }
  };
#end
#declare Coat = texture { Tones[1] };
#declare White = texture { Tones[1] };
#declare Body = blob {
  threshold 0.5
  sphere { 0, 0.20, 1.1 scale <0.92, 0.95, 1.0> translate <0, 0.12, 0.07> }
  sphere { 0, 0.17, 1.1 scale <0.85, 1.25, 0.9> translate <0, 0.21, 0.0> }
  sphere { 0, 0.12, 0.9 scale <0.85, 1.25, 0.6> translate <0, 0.22, -0.075> }
  sphere { 0, 0.14, 1.2 scale <1.08, 0.92, 0.95> translate <0, 0.385, -0.045> }
  sphere { <-0.030, 0.355, -0.125>, 0.052, 0.9 }
  sphere { <0.030, 0.355, -0.125>, 0.052, 0.9 }
  sphere { <0, 0.336, -0.118>, 0.036, 0.7 }
  #for (S, -1, 1, 2)
    sphere { 0, 0.13, 1 scale <0.6, 0.9, 1.1> translate <S * 0.105, 0.08, 0.02> }
    cylinder { <S * 0.045, 0.20, -0.085>, <S * 0.045, 0.03, -0.115>, 0.055, 1 }
    sphere { 0, 0.055, 1 scale <0.95, 0.65, 1.35> translate <S * 0.047, 0.020, -0.135> }
    sphere { 0, 0.055, 1 scale <0.95, 0.65, 1.5> translate <S * 0.120, 0.020, -0.075> }
  #end
};
#declare Tail = sphere_sweep { b_spline 8, <0.05, 0.04, 0.2>, 0.03 <0.12, 0.035, 0.19>, 0.03 <0.22, 0.032, 0.12>, 0.028 <0.25, 0.030, 0.0>, 0.027 <0.20, 0.029, -0.12>, 0.026 <0.10, 0.028, -0.19>, 0.024 <0.0, 0.026, -0.205>, 0.02 <-0.08, 0.025, -0.2>, 0.012 };
union {
  object { Body texture { Coat } }
  object { Tail texture { Coat } }
  object { Hairs(Body, Tones, 60000, 0.016, 0.0015, <0, -1, 0.2>, 0.16, 4) }
  object { Hairs(Tail, Tones, 12000, 0.018, 0.0016, <-0.3, 0, -1>, 0.2, 5) }
  #for (S, -1, 1, 2)
    difference { cone { <S * 0.052, 0.43, -0.04>, 0.045, <S * 0.085, 0.515, -0.035>, 0.006 } sphere { 0, 1 scale <0.022, 0.04, 0.02> rotate z * -20 * S translate <S * 0.068, 0.465, -0.078> texture { pigment { rgb <0.85, 0.52, 0.45> } } } texture { Coat } }
    union {
      sphere { 0, 0.0185 pigment { rgb <0.45, 0.55, 0.10> } finish { diffuse 0.8 specular 1 roughness 0.003 reflection 0.06 } }
      sphere { 0, 1 scale <0.0075, 0.0165, 0.006> translate -z * 0.0148 pigment { rgb 0.005 } finish { specular 1 roughness 0.003 } }
      rotate y * S * -14
      translate <S * 0.041, 0.403, -0.131>
    }
    #for (I, -1, 1) cylinder { <S * 0.035, 0.352 + 0.004 * I, -0.148>, <S * 0.135, 0.352 + 0.026 * I, -0.135>, 0.0007 pigment { rgb 0.92 } } #end
  #end
  sphere { 0, 1 scale <0.0125, 0.009, 0.008> translate <0, 0.372, -0.155> pigment { rgb <0.80, 0.38, 0.36> } finish { specular 0.5 } }
  rotate y * Turn
}
