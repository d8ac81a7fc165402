// Planets against the stars. Planet: 1 Earth, 2 Saturn, 3 Mars, 4 Jupiter, 5 the Moon.
#include "common.inc"

View(<0, 0, -5>, <0, 0, 0>, 44)
light_source { <-60, 18, -45> rgb 1.15 }
sky_sphere {
  pigment {
    granite
    color_map { [0.00 rgb 1] [0.07 rgb 0.35] [0.125 rgb 0] }
    scale 0.02
  }
}
#default { finish { ambient 0.002 diffuse 0.9 } }
#switch (Planet)
  #case (1)
    #declare Land = function(x, y, z) { Fbm(x * 1.35 + 4.2, y * 1.35 + 1, z * 1.35 + 2.6) + 0.05 * f_noise3d(x * 9, y * 9, z * 9) }
    #declare Air = function(x, y, z) { Fbm(x * 2.2 + 8 + 0.7 * f_noise3d(x * 3, y * 3, z * 3), y * 4.5, z * 2.2 + 5) }
    sphere {
      0, 1.2
      texture {
        function { Land(x, y, z) }
        texture_map {
          [0.545 pigment { rgb <0.008, 0.035, 0.14> } finish { specular 0.35 roughness 0.03 }]
          [0.55 pigment { function { abs(y) + 0.25 * Land(x, y, z) } color_map { [0.15 rgb <0.16, 0.20, 0.05>] [0.45 rgb <0.42, 0.33, 0.16>] [0.75 rgb <0.10, 0.17, 0.05>] [1.08 rgb <0.16, 0.18, 0.10>] [1.16 rgb 0.9] } }]
        }
      }
      rotate <-18, 40, 12>
    }
    sphere { 0, 1.21 pigment { function { Air(x, y, z) } color_map { [0.52 rgbt 1] [0.62 rgbt <1, 1, 1, 0.35>] [0.75 rgb 1] } } finish { diffuse 0.85 } rotate <-18, 10, 12> }
    sphere {
      0, 1.27 hollow pigment { rgbt 1 }
      interior { media { scattering { 1, rgb <0.10, 0.24, 0.65> * 2.2 extinction 0.1 } method 3 samples 8 intervals 1 } }
    }
  #break
  #case (2)
    union {
      sphere {
        0, 0.85 scale <1, 0.92, 1>
        pigment {
          gradient y turbulence 0.015
          color_map { [0 rgb <0.55, 0.46, 0.32>] [0.12 rgb <0.80, 0.68, 0.46>] [0.25 rgb <0.70, 0.58, 0.38>] [0.38 rgb <0.88, 0.77, 0.56>] [0.5 rgb <0.92, 0.83, 0.63>] [0.62 rgb <0.80, 0.68, 0.46>] [0.75 rgb <0.87, 0.76, 0.54>] [0.88 rgb <0.68, 0.57, 0.38>] [1 rgb <0.5, 0.42, 0.3>] }
          scale 1.7 translate y * -0.85
        }
      }
      disc {
        0, y, 2.0, 1.06
        pigment {
          function { sqrt(x * x + z * z) }
          color_map {
            [1.06 / 2 rgbt <0.4, 0.35, 0.3, 0.85>] [1.25 / 2 rgbt <0.6, 0.52, 0.4, 0.45>] [1.28 / 2 rgbt <0.85, 0.75, 0.58, 0.05>] [1.5 / 2 rgbt <0.9, 0.8, 0.62, 0.1>] [1.62 / 2 rgbt <0.8, 0.7, 0.54, 0.05>]
            [1.64 / 2 rgbt <0, 0, 0, 0.95>] [1.71 / 2 rgbt <0, 0, 0, 0.95>] [1.73 / 2 rgbt <0.7, 0.62, 0.5, 0.15>] [1.95 / 2 rgbt <0.6, 0.55, 0.46, 0.3>] [1 rgbt <0.5, 0.45, 0.4, 1>]
          }
          scale 2
        }
        finish { diffuse 0.9, 0.5 }
      }
      rotate <-17, 0, 20>
    }
  #break
  #case (3)
    sphere {
      0, 1.2
      pigment {
        function { Fbm(x * 1.7 + 2, y * 1.7, z * 1.7 + 6) * 0.85 + select(abs(y) - 1.105, 0, 0.5) + 0.06 * f_noise3d(x * 12, y * 12, z * 12) }
        color_map { [0.28 rgb <0.17, 0.06, 0.035>] [0.42 rgb <0.46, 0.17, 0.07>] [0.55 rgb <0.66, 0.28, 0.11>] [0.72 rgb <0.80, 0.44, 0.22>] [0.85 rgb 0.95] }
      }
      normal { granite 0.35 scale 0.5 }
      rotate <-20, 30, 15>
    }
  #break
  #case (4)
    sphere {
      0, 1.25
      texture { pigment {
        function { y * 4.2 + 0.55 * (f_noise3d(x * 3, y * 14, z * 3) - 0.5) + 0.35 * (Fbm(x * 7, y * 22, z * 7) - 0.5) + 20 }
        color_map { [0 rgb <0.86, 0.76, 0.62>] [0.18 rgb <0.62, 0.38, 0.22>] [0.30 rgb <0.80, 0.62, 0.44>] [0.5 rgb <0.93, 0.87, 0.78>] [0.66 rgb <0.72, 0.50, 0.33>] [0.8 rgb <0.90, 0.82, 0.70>] [1 rgb <0.86, 0.76, 0.62>] }
      } }
      // the red spot
      texture {
        pigment {
          function { min(0.999, pow((x + 0.35) / 0.26, 2) + pow((y + 0.42) / 0.13, 2) + select(z, 0, 9)) }
          color_map { [0 rgb <0.62, 0.22, 0.11>] [0.6 rgbt <0.70, 0.30, 0.16, 0.2>] [0.8 rgbt <0.9, 0.8, 0.7, 0.2>] [1 rgbt 1] }
        }
      }
      rotate <-8, 0, 6>
    }
  #break
  #case (5)
    sphere {
      0, 1.3
      pigment {
        function { Fbm(x * 1.4 + 9, y * 1.4 + 2, z * 1.4) + 0.16 * (f_noise3d(x * 14, y * 14, z * 14) - 0.5) }
        color_map { [0.36 rgb 0.20] [0.46 rgb 0.34] [0.56 rgb 0.60] [0.75 rgb 0.78] }
      }
      normal {
        average
        normal_map {
          [1 crackle 0.9 form <1, 0, 0> scale 0.34 slope_map { [0 <0.3, 0>] [0.35 <0.2, 0.6>] [0.42 <1, 0>] [0.52 <0.6, -0.5>] [1 <0.55, 0>] }]
          [1 crackle 0.7 form <1, 0, 0> scale 0.12 slope_map { [0 <0.3, 0>] [0.35 <0.2, 0.6>] [0.42 <1, 0>] [0.52 <0.6, -0.5>] [1 <0.55, 0>] }]
          [1 granite 0.5 scale 0.5]
        }
      }
      rotate <0, 70, 0>
    }
  #break
#end
