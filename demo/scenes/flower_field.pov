// A field of red, yellow and white flowers under a summer sky, or with Lavender = 1 rows of lavender.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.5, 0.8, -0.5>;
View(<0, 1.15, -1.5>, <0, 0.85, 8>, 55)
CloudySky(Sun, <0.05, 0.20, 0.60>, <0.55, 0.74, 0.95>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.68, 0.73, 0.80>, 0.5, 1.6)
Daylight(Sun, <1.5, 1.4, 1.2>, <0.34, 0.42, 0.50>)
Haze(<0.60, 0.74, 0.90>, 350, 6)

#declare Ground = function(x, y, z) { 0.9 * f_noise3d(x / 14, 0, z / 14) - 0.6 + max(0, z - 20) * 0.012 }
object { Terrain(Ground, -60, 60, -4, 130, -2, 6, 300) MeadowTexture(<0.13, 0.22, 0.05>) }

#if (Lavender)
  // A bush of lavender 0.6 m high.
  #declare Random = seed(41);
  #declare Bush = union {
    mesh {
      #for (I, 1, 150)
        #declare A = 2 * pi * rand(Random);
        #declare D = <0.55 * cos(A) * rand(Random), 1, 0.55 * sin(A) * rand(Random)>;
        Leaf(<0, 0, 0>, D, 0.5, 0.02, Random)
      #end
      pigment { rgb <0.20, 0.28, 0.14> } finish { diffuse 0.7, 0.3 }
    }
    mesh {
      #for (I, 1, 130)
        #declare A = 2 * pi * rand(Random);
        #declare D = vnormalize(<0.6 * cos(A) * rand(Random), 1, 0.6 * sin(A) * rand(Random)>);
        #for (K, 0, 5) Leaf(D * (0.40 + 0.03 * K), D * 0.7 + <rand(Random) - 0.5, 0.3, rand(Random) - 0.5>, 0.07, 0.035, Random) #end
      #end
      pigment { bozo color_map { [0.2 rgb <0.24, 0.08, 0.50>] [0.8 rgb <0.48, 0.26, 0.78>] } scale 0.2 }
      finish { ambient 0.1 diffuse 0.8, 0.3 }
    }
  };
  #for (Row, -14, 14)
    #for (I, 0, 120)
      object { Bush rotate y * 360 * rand(Random) scale Between(Random, 0.9, 1.15) translate <Row * 1.3 + 0.55 + 0.04 * I * 0.2, Ground(Row * 1.3 + 0.55, 0, I * 0.5) - 0.04, I * 0.5 + 0.3> }
    #end
  #end
#else
  // One flower on its stem, 0.5 m high, petals of the given colour around a centre of another.
  #macro Flower(Petal, Centre, Petals, Seed)
    #local Random = seed(Seed);
    union {
      cone { 0, 0.006, <0.02, 0.48, 0>, 0.004 pigment { rgb <0.10, 0.20, 0.04> } }
      mesh {
        #for (I, 1, 4)
          Leaf(<0, 0.05 * I, 0>, <rand(Random) - 0.5, 0.5, rand(Random) - 0.5>, 0.2, 0.04, Random)
        #end
        pigment { rgb <0.12, 0.24, 0.05> } finish { diffuse 0.7, 0.4 }
      }
      union {
        #for (I, 1, Petals)
          sphere { 0, 1 scale <0.048, 0.006, 0.032> rotate z * Between(Random, 8, 30) translate x * 0.043 rotate y * 360 * I / Petals }
        #end
        pigment { rgb Petal }
        finish { ambient 0.12 diffuse 0.8 }
        rotate x * -28
        translate <0.02, 0.48, 0>
      }
      sphere { 0, 1 scale <0.026, 0.016, 0.026> pigment { rgb Centre } rotate x * -28 translate <0.02, 0.49, -0.005> }
    }
  #end
  #declare Red = Flower(<0.80, 0.03, 0.02>, <0.06, 0.02, 0.02>, 6, 1)
  #declare Yellow = Flower(<0.95, 0.66, 0.02>, <0.55, 0.25, 0.02>, 9, 2)
  #declare White = Flower(<0.95, 0.93, 0.9>, <0.90, 0.60, 0.05>, 11, 3)
  #declare Pink = Flower(<0.85, 0.22, 0.45>, <0.9, 0.7, 0.1>, 8, 4)
  Scatter(Red, 1500, -9, 9, -0.5, 15, Ground, -5, 9, 0.7, 1.15, 31)
  Scatter(Yellow, 900, -9, 9, -0.5, 15, Ground, -5, 9, 0.6, 1.0, 32)
  Scatter(White, 800, -9, 9, -0.5, 15, Ground, -5, 9, 0.6, 1.0, 33)
  Scatter(Pink, 500, -9, 9, -0.5, 15, Ground, -5, 9, 0.6, 1.0, 34)
  Scatter(Red, 5000, -30, 30, 14, 60, Ground, -5, 9, 1.0, 1.5, 35)
  Scatter(Yellow, 3000, -30, 30, 14, 60, Ground, -5, 9, 1.0, 1.5, 36)
  Scatter(White, 2000, -30, 30, 14, 60, Ground, -5, 9, 1.0, 1.5, 37)
  #declare Patch = object { GrassPatch(420, 0.15, 0.42, 0.014, <0.13, 0.26, 0.05>, 3) }
  Lawn(Patch, -10, 10, -1.5, 18, 1, Ground, 8)
#end
#declare Tree = union { BroadTree(9000, <0.08, 0.16, 0.04>, 5) }
#declare Far = function(x, y, z) { Ground(x, 0, z) - 0.2 }
Scatter(Tree, 60, -80, 80, 95, 125, Far, -9, 9, 0.7, 1.2, 6)
