// Sand dunes in the low sun.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"

#declare Sun = <-0.9, 0.27, 0.30>;
View(<0, 34, -30>, <10, 24, 60>, 60)
ClearSky(Sun, <0.07, 0.24, 0.60>, <0.62, 0.72, 0.82>, <1, 0.8, 0.5>, 30)
Daylight(Sun, <1.7, 1.3, 0.85>, <0.22, 0.27, 0.38>)
Haze(<0.78, 0.72, 0.64>, 500, 14)

// Crests: gentle towards the wind, steep on the other side.
#declare Saw = function(x) { select(x - 0.68, x / 0.68, (1 - x) / 0.32) }
#declare Crest = function(x, y, z) { Saw(mod(x / 120 + 0.0032 * z + 1.5 * f_noise3d(x / 190, 0, z / 150) + 100, 1)) }
#declare Small = function(x, y, z) { Saw(mod(x / 46 - 0.003 * z + 1.0 * f_noise3d(x / 80, 7, z / 60) + 100, 1)) }
#declare Dunes = function(x, y, z) {
  pow(Crest(x, 0, z), 1.25) * 30 * (0.25 + f_noise3d(x / 170, 5, z / 150)) + 3 * Small(x, 0, z) * (1 - Crest(x, 0, z)) + 0.012 * max(0, z)
}
object {
  Terrain(Dunes, -450, 450, -40, 860, -5, 40, 1100)
  texture {
    pigment { bozo color_map { [0.2 rgb <0.70, 0.42, 0.20>] [0.8 rgb <0.80, 0.52, 0.27>] } scale <20, 20, 5> }
    normal {
      average
      normal_map {
        [0.8 waves 0.22 turbulence 0.25 octaves 4 frequency 1 scale 0.30 translate <70, 0, 20>]
        [0.6 granite 0.3 scale 0.5]
      }
    }
  }
}
