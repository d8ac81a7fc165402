// An airliner above the clouds.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "hulls.inc"

#declare Sun = <-0.5, 0.7, -0.55>;
View(<16, -9, -50>, <-0.5, 4.5, 0>, 46)
ClearSky(Sun, <0.02, 0.13, 0.48>, <0.55, 0.76, 0.95>, <1, 0.9, 0.7>, 30)
Daylight(Sun, <1.45, 1.4, 1.3>, <0.32, 0.38, 0.48>)
#declare White = texture { pigment { rgb 0.92 } finish { diffuse 0.75 specular 0.6 roughness 0.01 reflection { 0.02, 0.3 } } }
#declare Top = spline { cubic_spline -25, 2.6, -20, 2.3, -14, 2.0, 0, 2.0, 12, 2.0, 15.5, 1.55, 17.6, 0.55, 18.4, -0.25, 20, -2 }
#declare Bottom = spline { cubic_spline -25, 2.4, -20, 1.75, -11, -1.7, 0, -2.0, 12, -2.0, 16, -1.55, 17.6, -1.0, 18.4, -0.4, 20, 1 }
#declare Half = spline { cubic_spline -25, -0.1, -20, 0.35, -12, 1.7, 0, 2.0, 12, 2.0, 15.5, 1.45, 17.6, 0.7, 18.4, 0.06, 20, -0.5 }
#declare Stripe = function(x, y, z) { select(0.16 - abs(y + 0.25 + 0.0004 * x * x), 0, 1) }
union {
  object {
    Hull(-20, 18.4, Top, Bottom, Half, 2, 9, 0)
    texture {
      function { Stripe(x, y, z) }
      texture_map { [0.5 White] [0.5 pigment { rgb <0.05, 0.12, 0.45> } finish { specular 0.5 roughness 0.02 }] }
    }
  }
  sphere { 0, 1 scale <0.9, 0.28, 1.02> rotate z * -32 translate <16.25, 0.82, 0> pigment { rgb 0.03 } finish { specular 1 reflection 0.15 } }
  #for (I, 0, 30) #for (S, -1, 1, 2) superellipsoid { <0.5, 0.5> scale <0.17, 0.24, 0.1> translate <-12.5 + 0.84 * I, 0.6, S * 1.90> pigment { rgb 0.03 } finish { specular 0.5 } } #end #end
  // wings, tail
  #for (S, -1, 1, 2)
    prism { linear_spline linear_sweep -0.14, 0.14, 5, <4.5, 1.2>, <-4.2, 19>, <-6.2, 19>, <-4.2, 1.2>, <4.5, 1.2> scale <1, 1, S> rotate x * -5 * S translate y * -1.0 texture { White } }
    prism { linear_spline linear_sweep -0.09, 0.09, 5, <-15, 0.3>, <-18.6, 6.6>, <-20.2, 6.6>, <-19, 0.3>, <-15, 0.3> scale <1, 1, S> rotate x * -5 * S translate y * 2.0 texture { White } }
    union {
      cylinder { <-1.5, 0, 0>, <2.4, 0, 0>, 1.05 texture { White } }
      cone { <-3.2, 0, 0>, 0.55, <-1.5, 0, 0>, 1.05 texture { White } }
      torus { 0.98, 0.12 rotate z * 90 translate x * 2.4 pigment { rgb 0.7 } finish { specular 1 metallic reflection 0.3 } }
      cylinder { <2.38, 0, 0>, <2.42, 0, 0>, 0.9 pigment { rgb 0.04 } }
      box { <-2, 0.5, -0.12>, <1.4, 1.6, 0.12> texture { White } }
      translate <2.4, -2.2, S * 6.4>
    }
    triangle { <-4.2, 0.65, S * 19>, <-6.2, 0.65, S * 19>, <-6.4, 2.3, S * 19.4> pigment { rgb <0.75, 0.05, 0.05> } }
  #end
  prism { linear_spline linear_sweep -0.14, 0.14, 5, <-13.6, 1.8>, <-18.6, 8.8>, <-21, 8.8>, <-19.3, 1.8>, <-13.6, 1.8> rotate x * -90 pigment { gradient x color_map { [0.5 rgb <0.75, 0.05, 0.05>] [0.5 rgb <0.05, 0.12, 0.45>] } scale 7 } finish { specular 0.5 } }
  rotate x * -14
  rotate z * 7
  rotate y * 16
}
#declare Clouds = function(x, y, z) { 26 * pow(Fbm(x / 90, 0, z / 90), 1.0) + 8 * Fbm(x / 17, 4, z / 17) }
object {
  Terrain(Clouds, -900, 900, -60, 1900, 0, 40, 900)
  pigment { rgb 0.95 }
  finish { ambient 0.16 diffuse 0.75 }
  translate y * -75
}
Haze(<0.78, 0.88, 0.97>, 900, 6)
