// A snow-covered mountain over dark conifers, or with Lake = 1 in the evening light over a lake.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#include "water.inc"
#if (Lake)
  #declare Sun = <0.85, 0.30, -0.45>;
  #declare SunColour = <1.75, 1.15, 0.75>;
  View(<-160, 26, -300>, <60, 330, 1500>, 50)
  plane { y, 5 WaterTexture(<0.02, 0.05, 0.07>, 4, 0.05) }
#else
  #declare Sun = <-0.75, 0.55, -0.35>;
  #declare SunColour = <1.45, 1.35, 1.2>;
  View(<0, 40, -300>, <20, 330, 1500>, 48)
#end
CloudySky(Sun, <0.06, 0.20, 0.55>, <0.50, 0.68, 0.90>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.62, 0.68, 0.78>, 0.42, 2)
Daylight(Sun, SunColour, <0.30, 0.40, 0.60>)
Haze(<0.55, 0.68, 0.88>, Lake * 5000 + 2500, 220)

#declare Ridge = function(x, y, z) {
  1050 * exp(-pow((x - 80) / 620, 2) - pow((z - 2100) / 620, 2)) + 620 * exp(-pow((x + 950) / 520, 2) - pow((z - 2300) / 600, 2))
  + 560 * exp(-pow((x - 1150) / 480, 2) - pow((z - 2500) / 600, 2))
}
#declare Mountain = function(x, y, z) {
  Ridge(x, 0, z) * (0.55 + 0.35 * f_ridged_mf(x / 420 + 3, 0.2, z / 420, 0.9, 2.1, 8, 0.95, 1.6, 2)) + 60 * f_ridged_mf(x / 300, 0, z / 300 + 1, 1, 2.2, 6, 0.9, 1.5, 2) - 40
}
object {
  Terrain(Mountain, -2200, 2200, 300, 3600, -100, 1700, 900)
  texture {
    slope { y, 0.0, 1.0 altitude y, 150, 800 }
    texture_map {
      [0.40 pigment { granite color_map { [0 rgb <0.10, 0.10, 0.11>] [1 rgb <0.28, 0.26, 0.26>] } scale 90 } normal { granite 1 scale 60 }]
      [0.48 pigment { granite color_map { [0 rgb <0.30, 0.30, 0.33>] [1 rgb <0.5, 0.5, 0.53>] } scale 60 } normal { granite 0.8 scale 40 }]
      [0.52 pigment { rgb <0.92, 0.94, 0.98> } normal { granite 0.25 scale 90 } finish { diffuse 0.85 }]
    }
  }
}
#declare Valley = function(x, y, z) { Lake * (-26 + max(0, z) * 0.09) + 22 * Fbm(x / 160, 0, z / 160) + max(0, z - 200) * 0.16 - 14 + abs(x) * 0.05 }
object {
  Terrain(Valley, -1200, 1200, -320, 900, -60, 400, 400)
  pigment { granite color_map { [0 rgb <0.05, 0.09, 0.04>] [1 rgb <0.14, 0.19, 0.08>] } scale 30 }
}
#declare Tree = union { Conifer(22, <0.06, 0.12, 0.07>, 4) }
Scatter(Tree, 1500, -420, 420, -60, 560, Valley, Lake * 106 - 100, 400, 2.0, 3.4, 11)
#if (!Lake) Scatter(Tree, 40, -120, 120, -200, -120, Valley, -100, 5, 1.4, 2.2, 5) #end
