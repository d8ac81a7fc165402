// A white cup of coffee on a wooden table, or with Milk = 1 one with a heart of foam, seen from above.
#include "common.inc"
#include "wood.inc"

#if (Milk) View(<-0.05, 0.46, -0.30>, <0.006, 0.04, -0.004>, 27) #else LensView(<0.05, 0.27, -0.50>, <0.01, 0.045, 0>, 34, <0, 0.08, -0.03>, 0.022) #end
background { rgb <0.30, 0.22, 0.16> }
light_source {
  <-1.6, 1.9, 0.9> rgb <1.25, 1.12, 0.95>
  area_light <0.6, 0, 0.6>, <0, 0.8, 0>, 5, 5 adaptive 1 circular
}
light_source { <1.5, 1.6, -1.8> rgb <0.30, 0.30, 0.34> shadowless }
// The room behind, out of focus, with warm lamps
box { <-6, -1, 3.2>, <6, 4, 3.3> pigment { gradient x color_map { [0 rgb <0.24, 0.15, 0.09>] [0.5 rgb <0.40, 0.27, 0.17>] [1 rgb <0.20, 0.12, 0.08>] } scale 4 translate -1.5 } finish { ambient 0.5 } }
box { <-3.6, 0.1, 3.1>, <-2.4, 2.5, 3.15> pigment { rgb 1 } finish { emission <0.9, 0.95, 1> } }
#for (I, 0, 4)
  sphere { <-0.5 + I * 0.62, 0.95 + 0.12 * mod(I, 2), 2.7>, 0.06 pigment { rgb 1 } finish { emission <2.2, 1.5, 0.7> } no_shadow }
#end

#declare China = texture {
  pigment { rgb <0.93, 0.92, 0.89> }
  finish { ambient 0.08 diffuse 0.8 specular 0.7 roughness 0.006 reflection { 0.02, 0.4 fresnel on } conserve_energy }
}
#declare ChinaInside = interior { ior 1.5 }
// Table
box { <-1.2, -0.04, -1>, <1.2, 0, 1.1> Planks(<0.42, 0.23, 0.11>, <0.24, 0.11, 0.045>, 0.13, 0.12) }
// Saucer
lathe {
  cubic_spline 9,
  <0.0, 0.002>, <0.035, 0.002>, <0.05, 0.008>, <0.085, 0.020>, <0.088, 0.023>, <0.083, 0.024>, <0.05, 0.015>, <0.03, 0.013>, <0.0, 0.013>
  texture { China } interior { ChinaInside }
}
// Cup
lathe {
  cubic_spline 15,
  <0.0, 0.010>, <0.022, 0.010>, <0.026, 0.012>, <0.026, 0.018>, <0.036, 0.026>, <0.046, 0.05>, <0.050, 0.083>, <0.0515, 0.086>, <0.0495, 0.087>, <0.047, 0.083>, <0.0435, 0.052>, <0.034, 0.030>, <0.02, 0.024>, <0.01, 0.023>, <0.0, 0.023>
  texture { China } interior { ChinaInside }
}
torus { 0.020, 0.0048 rotate x * 90 scale <1, 1.15, 1> rotate y * -20 translate <0.062, 0.055, -0.022> texture { China } interior { ChinaInside } clipped_by { cylinder { 0, y, 0.0475 inverse } } }
// Coffee with a ring of foam, or with a heart: 0 inside of its edge, 1 far from it
#declare Heart = function(x, y) { min(0.99, max(0, (pow(x * x + y * y - 1, 3) - x * x * y * y * y) * 1.2)) }
disc {
  <0, 0.0745, 0>, y, 0.0475
  #if (Milk)
    pigment {
      function { Heart(x / 0.024 + 0.10 * (f_noise3d(x * 90, 0, z * 90) - 0.5), z / 0.024 + 0.12) }
      color_map { [0.0 rgb <0.90, 0.80, 0.62>] [0.10 rgb <0.80, 0.62, 0.40>] [0.25 rgb <0.46, 0.24, 0.09>] [1.0 rgb <0.34, 0.16, 0.06>] }
    }
  #else
    pigment {
      function { sqrt(x * x + z * z) / 0.0475 + 0.16 * (Fbm(x * 70, 1, z * 70) - 0.5) + 0.05 * f_noise3d(x * 500, 0, z * 500) }
      color_map { [0.0 rgb <0.09, 0.035, 0.012>] [0.72 rgb <0.11, 0.045, 0.016>] [0.84 rgb <0.33, 0.17, 0.07>] [0.96 rgb <0.55, 0.34, 0.16>] }
    }
  #end
  normal { bumps 0.05 scale 0.01 }
  finish { diffuse 0.8 specular 0.5 roughness 0.01 reflection { 0.01, 0.12 } }
}
// Spoon
union {
  sphere { 0, 1 scale <0.022, 0.004, 0.013> translate <-0.055, 0, 0> }
  sphere_sweep { b_spline 6, <-0.06, 0, 0>, 0.003 <-0.04, 0.001, 0>, 0.0025 <-0.01, 0.006, 0>, 0.002 <0.03, 0.005, 0>, 0.0025 <0.06, 0.002, 0>, 0.0035 <0.07, 0.001, 0>, 0.0035 }
  rotate y * 62
  translate <-0.078, 0.030, -0.022>
  pigment { rgb <0.75, 0.75, 0.76> }
  finish { diffuse 0.35 specular 0.9 roughness 0.008 reflection 0.55 metallic }
}
// Two coffee beans
#for (I, 0, 4)
  union {
    difference { sphere { 0, 1 scale <0.0075, 0.0045, 0.0055> } cylinder { <-0.01, 0.0046, 0>, <0.01, 0.0046, 0>, 0.0009 } }
    rotate y * I * 57
    translate <0.105 + 0.016 * mod(I * 3, 5) * 0.7, 0.0042, -0.105 + 0.017 * mod(I * 2, 5) * 0.6>
    pigment { rgb <0.13, 0.055, 0.022> }
    finish { specular 0.5 roughness 0.03 }
  }
#end
