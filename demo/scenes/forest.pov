// Morning sun in a wood of tall trunks with grass on the ground; in autumn (Autumn = 1) with fallen leaves.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.45, 0.75, 0.75>;
View(<0, 1.7, -4>, <0.4, 2.9, 10>, 58)
ClearSky(Sun, <0.55, 0.70, 0.55>, <0.85, 0.92, 0.72>, <1, 0.95, 0.7>, 12)
Daylight(Sun, <3.0, 2.6, 1.6>, <0.26, 0.30, 0.22>)
#if (Autumn) Haze(<0.80, 0.66, 0.42>, 130, 4) #else Haze(<0.66, 0.74, 0.48>, 130, 4) #end

#declare Ground = function(x, y, z) { 0.5 * Fbm(x / 5, 0, z / 5) - 0.25 + 0.012 * x * x * 0.3 }
object {
  Terrain(Ground, -30, 30, -6, 70, -3, 6, 300)
  pigment { granite color_map { [0 rgb <0.10, 0.07, 0.04>] [0.5 rgb <0.20, 0.15, 0.07>] [1 rgb #if (Autumn) <0.40, 0.20, 0.05> #else <0.16, 0.20, 0.06> #end] } scale 2 }
  normal { granite 0.6 scale 0.3 }
}
#declare Bark = texture {
  pigment { bozo turbulence 0.5 color_map { [0 rgb <0.09, 0.07, 0.05>] [0.6 rgb <0.22, 0.17, 0.12>] [1 rgb <0.16, 0.20, 0.10>] } scale <0.07, 0.5, 0.07> }
  normal { wrinkles 1.2 scale <0.06, 0.4, 0.06> }
}
#declare Random = seed(21);
#declare Crown = mesh {
  #for (I, 1, 3500)
    #declare A = 2 * pi * rand(Random);
    #declare R = 2.6 * sqrt(rand(Random));
    #declare H = Between(Random, -1.2, 2.6);
    Leaf(<cos(A) * R, H - 0.2 * R, sin(A) * R>, <rand(Random) - 0.5, -0.35, rand(Random) - 0.5>, 0.30, 0.18, Random)
  #end
  #if (Autumn)
    pigment { bozo color_map { [0.1 rgb <0.50, 0.10, 0.02>] [0.5 rgb <0.75, 0.32, 0.03>] [0.9 rgb <0.85, 0.58, 0.06>] } scale 1.1 }
  #else
    pigment { bozo color_map { [0.1 rgb <0.12, 0.26, 0.03>] [0.9 rgb <0.38, 0.50, 0.06>] } scale 0.6 }
  #end
  finish { ambient 0.1 diffuse 0.55, 0.75 }
}
#for (I, 1, 150)
  #declare PX = Between(Random, -22, 22);
  #declare PZ = Between(Random, 3, 60);
  #if (abs(PX - 0.4) > 1.1 + 0.02 * PZ)
    #declare W = Between(Random, 0.13, 0.34);
    #declare Lean = <Between(Random, -0.6, 0.6), 0, Between(Random, -0.6, 0.6)>;
    union {
      cone { <0, -0.6, 0>, W * 1.25, <0, 0.7, 0>, W }
      cone { <0, 0.7, 0>, W, Lean + y * 14, W * 0.5 }
      texture { Bark translate I }
      translate <PX, Ground(PX, 0, PZ), PZ>
    }
    object { Crown rotate y * 360 * rand(Random) scale <1, 1, 1> * Between(Random, 0.8, 1.2) translate <PX, Between(Random, 5.2, 9), PZ> + Lean * 0.5 }
    #if (mod(I, 3) = 0) object { Crown rotate y * 360 * rand(Random) scale <1, 1, 1> * Between(Random, 0.9, 1.4) translate <PX, Between(Random, 8, 13), PZ> + Lean * 0.5 } #end
  #end
#end
#if (Autumn)
  #declare Litter = mesh {
    #for (I, 1, 260)
      Leaf(<rand(Random) - 0.5, 0.01 + 0.05 * rand(Random), rand(Random) - 0.5>, <rand(Random) - 0.5, 0.35 * (rand(Random) - 0.5), rand(Random) - 0.5>, 0.11, 0.09, Random)
    #end
    pigment { bozo color_map { [0.2 rgb <0.45, 0.10, 0.02>] [0.5 rgb <0.68, 0.30, 0.04>] [0.8 rgb <0.80, 0.55, 0.10>] } scale 0.15 }
    finish { ambient 0.08 diffuse 0.8, 0.3 }
  }
  Lawn(Litter, -9, 9, -3.5, 24, 1, Ground, 8)
#else
  #declare Ferns = object { GrassPatch(260, 0.12, 0.38, 0.02, <0.12, 0.24, 0.05>, 3) }
  Lawn(Ferns, -9, 9, -3.5, 24, 1, Ground, 8)
#end
