// Things on a table. Thing: 1 bowl of fruit, 2 red apples, 3 oranges, 4 stack of books, 5 open book, 6 teapot and cups, 7 birthday cake, 8 vase of flowers,
// 9 candle, 10 alarm clock, 11 glass of wine, 12 bread and eggs, 13 presents, 14 dice, 15 watermelon, 16 bananas, 17 bowl of noodles, 18 stacks of books before a bookcase.
#include "common.inc"
#include "rooms.inc"
#include "materials.inc"
#include "plants.inc"

#macro Room(Wall, Key)
  WindowLight(Key, <0.32, 0.33, 0.38>, 0.4)
  RoomReflections(<0.55, 0.50, 0.45>)
  Backdrop(Wall, 1.6)
  box { <-1.4, -0.05, -0.9>, <1.4, 0, 0.9> Planks(<0.50, 0.30, 0.15>, <0.32, 0.17, 0.075>, 0.14, 0.10) }
#end
#declare Day = <1.20, 1.12, 1.0>;

// Fruit, each about 0.08 m across, resting on y = 0.
#macro Apple(Skin, Blush)
  union {
    lathe {
      cubic_spline 12,
      <0.010, 0.070>, <0.0, 0.064>, <0.012, 0.072>, <0.028, 0.075>, <0.041, 0.062>, <0.0435, 0.044>, <0.038, 0.022>, <0.026, 0.005>, <0.016, 0.000>, <0.008, 0.003>, <0.0, 0.007>, <-0.008, 0.003>
      pigment { bozo turbulence 0.4 color_map { [0.5 rgb Skin] [0.9 rgb Blush] } scale <0.03, 0.09, 0.03> }
      finish { diffuse 0.8 specular 0.6 roughness 0.015 reflection { 0.01, 0.12 } }
    }
    cylinder { <0, 0.062, 0>, <0.008, 0.092, 0>, 0.0018 pigment { rgb <0.15, 0.09, 0.04> } }
  }
#end
#macro Orange()
  sphere { <0, 0.039, 0>, 0.04 pigment { rgb <0.92, 0.38, 0.02> } normal { bumps 0.35 scale 0.0022 } finish { diffuse 0.8 specular 0.45 roughness 0.03 } }
#end
#macro Banana()
  sphere_sweep {
    b_spline 8, <-0.10, 0.075, 0>, 0.004 <-0.088, 0.062, 0>, 0.006 <-0.07, 0.040, 0>, 0.013 <-0.03, 0.022, 0>, 0.018 <0.02, 0.022, 0>, 0.0185 <0.06, 0.040, 0>, 0.014 <0.085, 0.066, 0>, 0.006 <0.095, 0.085, 0>, 0.004
    pigment { gradient x color_map { [0 rgb <0.20, 0.14, 0.03>] [0.06 rgb <0.55, 0.50, 0.06>] [0.2 rgb <0.93, 0.74, 0.06>] [0.85 rgb <0.93, 0.74, 0.06>] [0.95 rgb <0.5, 0.45, 0.06>] [1 rgb <0.16, 0.10, 0.02>] } scale 0.19 translate x * -0.096 }
    finish { diffuse 0.8 specular 0.25 roughness 0.03 }
  }
#end
#macro Grapes(Colour, Seed)
  #local Random = seed(Seed);
  union {
    #for (I, 1, 38)
      #local T = I / 38;
      sphere { <(T - 0.5) * 0.11 + Between(Random, -0.012, 0.012), 0.012 + 0.034 * rand(Random) * sin(pi * (0.12 + 0.8 * T)), Between(Random, -0.034, 0.034) * sin(pi * (0.15 + 0.75 * T))>, 0.0105 }
    #end
    pigment { rgb Colour }
    finish { diffuse 0.7 specular 0.6 roughness 0.02 reflection { 0.01, 0.15 } }
  }
#end
// A book lying flat, its spine to the left, 0.2 x 0.27 m.
#macro Book(Cover, Thick)
  union {
    union {
    box { <-0.1, 0, -0.135>, <0.1, 0.003, 0.135> } box { <-0.1, Thick - 0.003, -0.135>, <0.1, Thick, 0.135> }
    box { <-0.103, 0, -0.135>, <-0.099, Thick, 0.135> }
    texture { pigment { rgb Cover } finish { diffuse 0.8 specular 0.25 roughness 0.03 } }
    }
    box { <-0.099, 0.003, -0.131>, <0.096, Thick - 0.003, 0.131> pigment { gradient y color_map { [0 rgb 0.62] [0.4 rgb 0.88] [1 rgb 0.88] } scale 0.0016 } }
    #for (S, -1, 1, 2) box { <-0.1036, 0.001, S * 0.09 - 0.006>, <-0.1, Thick - 0.001, S * 0.09 + 0.006> pigment { rgb <0.85, 0.65, 0.2> } finish { specular 0.6 } } #end
    box { <-0.1037, 0.006, -0.045>, <-0.1, Thick - 0.006, 0.045> pigment { rgb Cover * 0.3 + 0.6 } }
  }
#end

#switch (Thing)
  #case (1)
    View(<0.0, 0.36, -0.68>, <0, 0.055, 0>, 36) Room(<0.42, 0.40, 0.36>, Day)
    lathe { cubic_spline 9, <0, 0.004>, <0.05, 0.003>, <0.06, 0.008>, <0.11, 0.03>, <0.15, 0.075>, <0.153, 0.078>, <0.147, 0.077>, <0.105, 0.036>, <0.0, 0.012> Ceramic(<0.16, 0.28, 0.50>) }
    union {
      object { Apple(<0.62, 0.03, 0.02>, <0.75, 0.30, 0.05>) translate <-0.075, 0.035, -0.02> }
      object { Apple(<0.30, 0.50, 0.05>, <0.45, 0.55, 0.08>) rotate y * 60 translate <0.0, 0.028, -0.075> }
      object { Orange() translate <0.075, 0.036, -0.03> }
      object { Orange() translate <0.03, 0.04, 0.06> }
      object { Apple(<0.62, 0.03, 0.02>, <0.75, 0.42, 0.05>) rotate y * 160 translate <-0.055, 0.04, 0.07> }
      object { Banana() rotate y * 25 translate <0.0, 0.075, 0.055> } object { Banana() rotate y * 12 translate <0.005, 0.078, 0.025> }
      object { Grapes(<0.20, 0.04, 0.18>, 3) rotate z * -22 rotate y * -20 translate <0.115, 0.072, -0.045> }
    }
    object { Orange() translate <0.24, 0, -0.08> } object { Apple(<0.62, 0.03, 0.02>, <0.75, 0.35, 0.05>) translate <-0.235, 0, -0.05> }
  #break
  #case (2)
    View(<0.0, 0.28, -0.60>, <0.01, 0.03, 0>, 40) Room(<0.50, 0.46, 0.38>, Day)
    #for (I, 0, 6) object { Apple(<0.60, 0.02, 0.02>, <0.72, 0.25, 0.06>) rotate y * 77 * I rotate z * (mod(I, 3) - 1) * 9 translate <-0.16 + 0.093 * mod(I, 4) + 0.04 * int(I / 4), 0, -0.03 + 0.10 * int(I / 4)> } #end
    object { Apple(<0.60, 0.02, 0.02>, <0.75, 0.35, 0.10>) rotate <10, 40, 78> translate <0.19, 0.042, -0.10> }
  #break
  #case (3)
    View(<0.0, 0.26, -0.52>, <0, 0.04, 0>, 36) Room(<0.30, 0.38, 0.42>, Day)
    lathe { cubic_spline 9, <0, 0.004>, <0.04, 0.003>, <0.05, 0.008>, <0.09, 0.022>, <0.12, 0.05>, <0.122, 0.052>, <0.117, 0.051>, <0.085, 0.028>, <0.0, 0.012> Ceramic(<0.88, 0.87, 0.84>) translate x * -0.04 }
    #for (I, 0, 4) object { Orange() rotate y * 60 * I translate <-0.04 + 0.058 * cos(I * 1.257), 0.018, 0.058 * sin(I * 1.257)> } #end
    object { Orange() translate <-0.04, 0.07, 0> } object { Orange() translate <0.16, 0, 0.06> }
    // half an orange, cut side up
    union {
      intersection { sphere { 0, 0.04 } plane { y, 0 } pigment { rgb <0.92, 0.38, 0.02> } normal { bumps 0.3 scale 0.0022 } }
      disc { <0, 0.0003, 0>, y, 0.0395 pigment { function { sqrt(x * x + z * z) / 0.0395 } color_map { [0.88 rgb <0.98, 0.55, 0.10>] [0.89 rgb <1, 0.88, 0.65>] [0.95 rgb <0.95, 0.5, 0.05>] } } }
      #for (I, 0, 9) box { <0.002, 0.0002, -0.0007>, <0.0345, 0.0008, 0.0007> rotate y * 36 * I pigment { rgb <1, 0.85, 0.6> } } #end
      rotate <-38, 10, 0> translate <0.11, 0.034, -0.09>
    }
  #break
  #case (4)
    View(<-0.22, 0.34, -0.95>, <0.03, 0.155, 0>, 36) Room(<0.36, 0.33, 0.30>, Day)
    #declare Covers = array[6] { <0.50, 0.04, 0.04>, <0.05, 0.14, 0.35>, <0.08, 0.28, 0.14>, <0.60, 0.42, 0.10>, <0.22, 0.08, 0.25>, <0.10, 0.30, 0.36> };
    #declare H = 0;
    #for (I, 0, 5)
      #declare T = 0.030 + 0.013 * mod(I * 2, 3);
      object { Book(Covers[I], T) scale <1 - 0.04 * I, 1, 1 - 0.035 * I> rotate y * (-72 - 9 * mod(I * 7, 5)) translate y * H }
      #declare H = H + T;
    #end
    object { Apple(<0.60, 0.02, 0.02>, <0.72, 0.25, 0.06>) translate <0, H, 0> }
    // a pair of spectacles
    union {
      #for (S, -1, 1, 2) torus { 0.024, 0.0018 rotate x * 78 translate <S * 0.031, 0.024, 0> } cylinder { <S * 0.055, 0.028, 0>, <S * 0.055, 0.002, 0.13>, 0.0016 } #end
      cylinder { <-0.008, 0.028, 0>, <0.008, 0.028, 0>, 0.0016 }
      pigment { rgb 0.03 } finish { specular 0.8 }
      rotate y * -35 translate <0.24, 0, -0.12>
    }
  #break
  #case (5)
    View(<0.05, 0.40, -0.62>, <0, 0.02, 0.02>, 36) Room(<0.36, 0.33, 0.30>, Day)
    #declare Page = function(x) { 0.034 * pow(max(0, 1 - abs(x) / 0.21), 0.5) * (1 - exp(-abs(x) / 0.012)) + 0.006 }
    #for (S, -1, 1, 2)
      mesh {
        #for (I, 0, 29)
          #declare A = 0.2 * I / 30; #declare B = 0.2 * (I + 1) / 30;
          triangle { <S * A, Page(A), -0.14>, <S * B, Page(B), -0.14>, <S * B, Page(B), 0.14> } triangle { <S * A, Page(A), -0.14>, <S * B, Page(B), 0.14>, <S * A, Page(A), 0.14> }
          triangle { <S * A, Page(A), -0.14>, <S * B, Page(B), -0.14>, <S * B, 0.003, -0.14> } triangle { <S * A, Page(A), -0.14>, <S * B, 0.003, -0.14>, <S * A, 0.003, -0.14> }
        #end
        pigment {
          function {
            select(min(min(abs(z) - 0.115, 0) * -1, min(abs(x) - 0.022, 0.178 - abs(x))), 0, select(abs(mod(z / 0.0105 + 100, 1) - 0.5) - 0.2, select(f_noise3d(x * 420, 0, floor(z / 0.0105) * 7) - 0.42, 0, 1), 0))
          }
          color_map { [0.5 rgb <0.90, 0.87, 0.79>] [0.5 rgb <0.28, 0.27, 0.26>] }
        }
      }
    #end
    box { <-0.212, 0, -0.15>, <0.212, 0.004, 0.15> pigment { rgb <0.35, 0.05, 0.05> } }
    cylinder { <0.11, 0.04, -0.10>, <0.19, 0.022, 0.05>, 0.0045 pigment { rgb <0.05, 0.10, 0.35> } finish { specular 0.8 } translate <-0.03, -0.001, 0> }
  #break
  #case (6)
    View(<0.0, 0.34, -0.72>, <0, 0.05, 0>, 38) Room(<0.36, 0.40, 0.36>, Day)
    #declare Celadon = <0.50, 0.66, 0.56>;
    box { <-0.26, 0, -0.16>, <0.26, 0.016, 0.16> texture { pigment { Wood(<0.26, 0.13, 0.06>, <0.12, 0.05, 0.02>) } finish { specular 0.4 roughness 0.02 reflection 0.03 } } }
    union {
      lathe { cubic_spline 9, <0, 0.0>, <0.035, 0.0>, <0.045, 0.003>, <0.07, 0.03>, <0.072, 0.055>, <0.05, 0.085>, <0.035, 0.09>, <0.03, 0.088>, <0, 0.088> }
      lathe { cubic_spline 7, <0.036, 0.088>, <0.036, 0.09>, <0.025, 0.100>, <0.006, 0.104>, <0.006, 0.108>, <0.0, 0.124>, <-0.01, 0.12> }
      sphere { <0, 0.115, 0>, 0.011 }
      sphere_sweep { b_spline 6, <0.05, 0.02, 0>, 0.018 <0.062, 0.03, 0>, 0.016 <0.095, 0.05, 0>, 0.010 <0.108, 0.075, 0>, 0.0075 <0.122, 0.09, 0>, 0.007 <0.13, 0.097, 0>, 0.007 }
      torus { 0.032, 0.006 rotate x * 90 scale <0.9, 1.1, 1> translate <-0.08, 0.052, 0> }
      Ceramic(Celadon)
      rotate y * 20 translate <-0.10, 0.016, 0.02>
    }
    #for (I, 0, 2)
      union {
        lathe { cubic_spline 10, <0, 0.0>, <0.014, 0.0>, <0.017, 0.004>, <0.030, 0.018>, <0.036, 0.040>, <0.0365, 0.0412>, <0.0345, 0.0405>, <0.027, 0.019>, <0.012, 0.008>, <0, 0.008> Ceramic(Celadon) }
        disc { <0, 0.032, 0>, y, 0.032 pigment { rgb <0.42, 0.36, 0.07> } finish { reflection { 0.03, 0.3 } specular 0.5 } }
        translate <0.075 + 0.085 * (I - 0.5) * (1 - 0.25 * I), 0.016, -0.07 + 0.075 * mod(I, 2)>
      }
    #end
  #break
  #case (7)
    View(<0.0, 0.42, -0.86>, <0, 0.125, 0>, 37) Room(<0.28, 0.20, 0.24>, <0.72, 0.66, 0.62>)
    cylinder { 0, <0, 0.012, 0>, 0.20 Ceramic(<0.88, 0.88, 0.88>) }
    superellipsoid { <1, 0.12> rotate x * 90 scale <0.15, 0.055, 0.15> translate y * 0.066 pigment { rgb <0.92, 0.82, 0.72> } normal { bumps 0.1 scale 0.02 } finish { diffuse 0.85 specular 0.1 } }
    superellipsoid { <1, 0.12> rotate x * 90 scale <0.105, 0.04, 0.105> translate y * 0.158 pigment { rgb <0.92, 0.55, 0.62> } normal { bumps 0.1 scale 0.02 } finish { diffuse 0.85 specular 0.1 } }
    #for (I, 0, 23) sphere { <0.142, 0.124, 0>, 0.014 rotate y * 15 * I pigment { rgb <0.85, 0.35, 0.45> } } sphere { <0.152, 0.018, 0>, 0.015 rotate y * 15 * I pigment { rgb <0.92, 0.55, 0.62> } } #end
    #for (I, 0, 11) sphere { <0.085, 0.204, 0>, 0.013 rotate y * 30 * I pigment { rgb <0.70, 0.02, 0.04> } finish { specular 0.6 roughness 0.02 } } #end
    #for (I, 0, 6)
      union {
        cylinder { 0, <0, 0.075, 0>, 0.0045 pigment { gradient y color_map { [0.5 rgb <0.1, 0.3, 0.8>] [0.5 rgb 0.95] } scale 0.02 rotate z * 30 } }
        sphere { 0, 1 scale <0.006, 0.015, 0.006> translate y * 0.092 pigment { rgb 1 } finish { emission <2.4, 1.6, 0.5> diffuse 0 } no_shadow }
        translate <0.05 * cos(I * 0.8976), 0.197, 0.05 * sin(I * 0.8976)>
      }
    #end
    light_source { <0, 0.32, -0.02> rgb <0.9, 0.6, 0.28> * 0.8 fade_distance 0.25 fade_power 2 shadowless }
  #break
  #case (8)
    View(<0.0, 0.34, -1.08>, <0, 0.22, 0>, 36) Room(<0.38, 0.42, 0.46>, Day)
    lathe { cubic_spline 11, <0, 0.0>, <0.045, 0.0>, <0.05, 0.005>, <0.075, 0.06>, <0.07, 0.12>, <0.035, 0.17>, <0.045, 0.20>, <0.048, 0.203>, <0.042, 0.20>, <0.03, 0.17>, <0, 0.1>
      texture { pigment { function { f_noise3d(x * 45, y * 45, z * 45) } color_map { [0.55 rgb 0.92] [0.60 rgb <0.04, 0.12, 0.50>] [0.75 rgb <0.03, 0.08, 0.40>] } } finish { diffuse 0.8 specular 0.7 roughness 0.006 reflection { 0.02, 0.3 } } } }
    #declare Random = seed(14);
    #declare Petal = array[4] { <0.80, 0.03, 0.06>, <0.95, 0.45, 0.55>, <0.95, 0.75, 0.08>, <0.93, 0.92, 0.9> };
    #for (I, 0, 16)
      #declare A = I * 2.4;
      #declare R = 0.15 * sqrt(I / 16);
      #declare P = <R * cos(A), 0.40 - R * R * 3.6 + Between(Random, -0.015, 0.015), R * sin(A) * 0.8>;
      #declare Up = vnormalize(P - <0.001, 0.16, 0>);
      cylinder { <0, 0.18, 0>, P, 0.0025 pigment { rgb <0.10, 0.22, 0.05> } }
      union {
        #for (L, 0, 2)
          #for (K, 0, 7 - L)
            sphere { 0, 1 scale <0.024 - 0.005 * L, 0.004, 0.015> rotate z * (18 + 26 * L) translate <0.019 - 0.005 * L, 0.003 * L, 0> rotate y * (K * 360 / (8 - L) + 20 * L) pigment { rgb Petal[mod(I * 3, 4)] * (1 - 0.12 * L) } finish { diffuse 0.85 ambient 0.1 } }
          #end
        #end
        sphere { <0, 0.006, 0>, 0.008 pigment { rgb <0.55, 0.35, 0.05> } }
        rotate z * -degrees(acos(Up.y)) rotate y * -degrees(atan2(Up.z, Up.x))
        translate P
      }
    #end
    mesh {
      #for (I, 1, 60)
        #declare A = 2 * pi * rand(Random);
        #declare R = Between(Random, 0.03, 0.15);
        Leaf(<R * cos(A) * 0.6, 0.21 + 0.12 * rand(Random), R * sin(A) * 0.6>, <cos(A), Between(Random, -0.3, 0.6), sin(A)>, 0.09, 0.035, Random)
      #end
      pigment { rgb <0.09, 0.22, 0.05> } finish { diffuse 0.7, 0.3 }
    }
  #break
  #case (9)
    View(<0.0, 0.22, -0.62>, <0, 0.12, 0>, 36)
    Backdrop(<0.16, 0.09, 0.05>, 0.9)
    box { <-1.4, -0.05, -0.9>, <1.4, 0, 0.9> Planks(<0.46, 0.26, 0.13>, <0.28, 0.14, 0.06>, 0.14, 0.10) }
    light_source { <-2, 2, -2> rgb <0.06, 0.06, 0.10> shadowless }
    light_source { <0, 0.212, 0> rgb <1.3, 0.72, 0.28> fade_distance 0.22 fade_power 2 area_light x * 0.02, y * 0.03, 3, 3 adaptive 1 orient circular }
    union {
      difference { cylinder { 0, <0, 0.165, 0>, 0.035 } sphere { <0, 0.185, 0>, 0.033 } pigment { gradient y color_map { [0 rgb <0.75, 0.62, 0.48>] [1 rgb <1, 0.72, 0.38>] } scale 0.17 } finish { emission 0.22 diffuse 0.6 specular 0.2 } no_shadow }
      cylinder { <0, 0.150, 0>, <0, 0.172, 0>, 0.0018 pigment { rgb 0.02 } no_shadow }
      lathe { cubic_spline 7, <0.004, 0.160>, <0, 0.163>, <0.0085, 0.176>, <0.0075, 0.190>, <0.0025, 0.214>, <0, 0.224>, <-0.004, 0.23> pigment { gradient y color_map { [0 rgb <0.25, 0.35, 1>] [0.2 rgb <1, 0.75, 0.3>] [0.7 rgb <1, 0.9, 0.6>] [1 rgb <1, 0.6, 0.15>] } scale 0.062 translate y * 0.163 } finish { emission 2.2 diffuse 0 } no_shadow }
    }
    cylinder { 0, <0, 0.006, 0>, 0.065 Metal(<0.80, 0.60, 0.30>) }
    torus { 0.065, 0.005 translate y * 0.006 Metal(<0.80, 0.60, 0.30>) }
    object { Book(<0.20, 0.05, 0.05>, 0.04) rotate y * 64 translate <0.24, 0, 0.08> }
  #break
  #case (10)
    View(<0.06, 0.17, -0.66>, <0.02, 0.105, 0>, 36) Room(<0.55, 0.60, 0.58>, Day)
    #declare Body = <0.66, 0.04, 0.03>;
    union {
      difference { cylinder { -z * 0.028, z * 0.028, 0.075 } cylinder { -z * 0.05, -z * 0.024, 0.068 } Shiny(Body) }
      torus { 0.072, 0.006 rotate x * 90 translate -z * 0.028 Shiny(Body) }
      disc { -z * 0.0241, -z, 0.068 pigment { rgb 0.95 } finish { ambient 0.15 } }
      #for (I, 0, 59) box { <-0.0006, 0.060, -0.0246>, <0.0006, 0.064, -0.0242> rotate z * 6 * I pigment { rgb 0.02 } } #end
      #for (I, 1, 12)
        box { <-0.0018, 0.054, -0.0248>, <0.0018, 0.064, -0.0242> rotate z * -30 * I pigment { rgb 0.02 } }
        text { ttf "timrom.ttf" str(I, 0, 0) 0.1, 0 scale <0.014, 0.014, 0.004> translate <-0.0035 * strlen(str(I, 0, 0)), -0.0045, -0.0246> translate <0.0455 * sin(radians(30 * I)), 0.0455 * cos(radians(30 * I)), 0> pigment { rgb 0.02 } }
      #end
      box { <-0.0025, -0.008, -0.0262>, <0.0025, 0.034, -0.0252> rotate z * 57 pigment { rgb 0.02 } }
      box { <-0.0018, -0.010, -0.0275>, <0.0018, 0.054, -0.0265> rotate z * -60 pigment { rgb 0.02 } }
      cylinder { -z * 0.03, -z * 0.024, 0.004 pigment { rgb 0.02 } }
      #for (S, -1, 1, 2)
        difference { sphere { 0, 0.032 } plane { y, 0.006 } Steel() rotate z * S * -32 translate <S * 0.045, 0.064, 0> }
        cylinder { <S * 0.04, -0.06, 0>, <S * 0.058, -0.092, 0>, 0.006 Steel() }
      #end
      cylinder { <0, 0.07, 0>, <0, 0.105, 0>, 0.003 Steel() } sphere { <0, 0.108, 0>, 0.010 Steel() }
      torus { 0.028, 0.003 rotate x * 90 translate y * 0.118 Steel() }
      rotate y * 14 translate y * 0.094
    }
    object { Book(<0.08, 0.28, 0.34>, 0.03) rotate y * 70 translate <0.24, 0, 0.14> } object { Book(<0.60, 0.42, 0.10>, 0.026) scale 0.94 rotate y * 82 translate <0.24, 0.03, 0.14> }
  #break
  #case (11)
    View(<0.0, 0.24, -0.80>, <0.03, 0.125, 0>, 34) Room(<0.40, 0.34, 0.28>, Day)
    #macro WineGlass(Wine)
      union {
        lathe { cubic_spline 16, <0, 0.0>, <0.034, 0.0>, <0.036, 0.002>, <0.012, 0.006>, <0.0045, 0.015>, <0.0040, 0.06>, <0.0048, 0.09>, <0.026, 0.105>, <0.040, 0.14>, <0.034, 0.205>, <0.0335, 0.206>, <0.033, 0.205>, <0.0385, 0.14>, <0.024, 0.107>, <0, 0.0965>, <-0.02, 0.1> ClearGlass(<0.98, 0.99, 0.99>) }
        lathe { cubic_spline 8, <0.01, 0.096>, <0, 0.0970>, <0.0235, 0.1075>, <0.0375, 0.138>, <0.0372, 0.150>, <0.030, 0.1502>, <0, 0.1500>, <-0.01, 0.15> pigment { rgbf <Wine.x, Wine.y, Wine.z, 0.25> } finish { diffuse 0.4 specular 0.8 reflection { 0.02, 0.3 } } }
      }
    #end
    object { WineGlass(<0.36, 0.005, 0.03>) translate <-0.09, 0, -0.02> } object { WineGlass(<0.36, 0.005, 0.03>) translate <0.02, 0, 0.10> }
    lathe { cubic_spline 11, <0, 0.0>, <0.036, 0.0>, <0.038, 0.004>, <0.038, 0.10>, <0.038, 0.18>, <0.030, 0.21>, <0.015, 0.24>, <0.0145, 0.29>, <0.016, 0.295>, <0.0, 0.30>, <-0.01, 0.3> texture { pigment { rgb <0.012, 0.03, 0.015> } finish { diffuse 0.6 specular 1 roughness 0.004 reflection { 0.05, 0.5 } } } translate <0.16, 0, 0.06> }
    difference { cylinder { <0.16, 0.06, 0.06>, <0.16, 0.15, 0.06>, 0.0385 } box { <-1, 0, 0.05>, <1, 1, 1> } pigment { rgb <0.85, 0.80, 0.66> } }
    object { Grapes(<0.22, 0.05, 0.20>, 5) scale 1.2 rotate y * 15 translate <0.05, 0, -0.12> }
  #break
  #case (12)
    View(<0.0, 0.36, -0.70>, <0, 0.03, 0>, 36) Room(<0.50, 0.47, 0.42>, Day)
    // a loaf, slices, a basket of eggs
    #declare Crust = texture { pigment { granite color_map { [0 rgb <0.46, 0.22, 0.07>] [0.6 rgb <0.62, 0.34, 0.12>] [1 rgb <0.78, 0.55, 0.28>] } scale 0.15 } normal { granite 0.25 scale 0.05 } finish { diffuse 0.85 specular 0.1 } }
    #declare Crumb = texture { pigment { bozo color_map { [0 rgb <0.85, 0.74, 0.55>] [1 rgb <0.94, 0.86, 0.70>] } scale 0.006 } normal { bumps 0.8 scale 0.004 } }
    box { <-0.30, 0, -0.10>, <0.08, 0.015, 0.14> texture { pigment { Wood(<0.62, 0.42, 0.22>, <0.48, 0.30, 0.14>) } } }
    difference { superellipsoid { <0.6, 0.6> scale <0.14, 0.05, 0.06> } plane { -x, -0.05 } #for (I, 0, 2) cylinder { <-0.09 + 0.05 * I, 0.052, -0.06>, <-0.06 + 0.05 * I, 0.052, 0.06>, 0.006 } #end texture { Crust } translate <-0.14, 0.063, 0.06> }
    intersection { superellipsoid { <0.6, 0.6> scale <0.14, 0.048, 0.058> } box { <0.048, -1, -1>, <0.0505, 1, 1> } texture { Crumb } translate <-0.14, 0.063, 0.06> }
    #for (I, 0, 1)
      union {
        intersection { superellipsoid { <0.6, 0.6> scale <0.14, 0.048, 0.058> } box { <-0.007, -1, -1>, <0.007, 1, 1> } texture { Crumb } }
        intersection { superellipsoid { <0.6, 0.6> scale <0.14, 0.05, 0.06> } box { <-0.0065, -1, -1>, <0.0065, 1, 1> } texture { Crust } }
        rotate z * 80 rotate y * (30 + 45 * I) translate <-0.07 + 0.07 * I, 0.026 + 0.008 * I, -0.05 + 0.015 * I>
      }
    #end
    torus { 0.075, 0.016 pigment { radial color_map { [0.5 rgb <0.50, 0.33, 0.15>] [0.5 rgb <0.34, 0.20, 0.08>] } frequency 40 } normal { radial 0.6 frequency 40 } translate <0.18, 0.05, 0.03> }
    cone { 0, 0.055, <0, 0.055, 0>, 0.078 open pigment { checker rgb <0.50, 0.33, 0.15>, rgb <0.36, 0.22, 0.09> scale 0.012 } normal { bumps 0.4 scale 0.01 } translate <0.18, 0, 0.03> }
    #for (I, 0, 6)
      sphere { 0, 1 scale <0.021, 0.027, 0.021> rotate <35 * mod(I * 2, 3), 60 * I, 50> translate <0.18 + 0.043 * cos(I * 1.05) * (I < 6), 0.052 + 0.016 * (I = 6), 0.03 + 0.043 * sin(I * 1.05) * (I < 6)> pigment { rgb #if (mod(I, 3) = 1) <0.90, 0.86, 0.80> #else <0.78, 0.52, 0.34> #end } finish { diffuse 0.85 specular 0.1 roughness 0.05 } }
    #end
    sphere { 0, 1 scale <0.027, 0.021, 0.021> rotate y * 30 translate <0.10, 0.021, -0.12> pigment { rgb <0.80, 0.55, 0.37> } finish { diffuse 0.85 specular 0.1 } }
  #break
  #case (13)
    View(<0.0, 0.48, -0.98>, <0, 0.09, 0>, 36) Room(<0.42, 0.36, 0.34>, Day)
    #macro Present(W, H, D, Paper, Ribbon)
      union {
        box { <-W, 0, -D>, <W, H, D> pigment { rgb Paper } finish { diffuse 0.75 specular 0.5 roughness 0.02 reflection { 0.01, 0.15 } } }
        union {
          box { <-0.014, -0.0, -D - 0.0012>, <0.014, H + 0.0012, D + 0.0012> } box { <-W - 0.0012, 0, -0.014>, <W + 0.0012, H + 0.0012, 0.014> }
          #for (S, -1, 1, 2)
            difference { cylinder { -z * 0.014, z * 0.014, 1 } cylinder { -z, z, 0.93 } scale <0.042, 0.024, 1> rotate z * S * 24 rotate y * 20 translate <S * 0.038, H + 0.026, 0> }
            box { <0, 0, -0.011>, <0.075, 0.002, 0.011> rotate z * 5 rotate y * (S * 60 + 100) translate y * (H + 0.004) }
          #end
          sphere { 0, 1 scale <0.016, 0.013, 0.018> translate y * (H + 0.014) }
          pigment { rgb Ribbon } finish { diffuse 0.8 specular 0.7 roughness 0.01 }
        }
      }
    #end
    object { Present(0.13, 0.17, 0.13, <0.62, 0.03, 0.04>, <0.92, 0.72, 0.22>) rotate y * 18 translate <-0.13, 0, 0.06> }
    object { Present(0.11, 0.11, 0.09, <0.04, 0.30, 0.16>, <0.85, 0.05, 0.05>) rotate y * -28 translate <0.16, 0, 0.02> }
    object { Present(0.075, 0.075, 0.075, <0.05, 0.15, 0.50>, <0.88, 0.88, 0.90>) rotate y * 40 translate <0.0, 0, -0.16> }
    object { Present(0.06, 0.06, 0.06, <0.90, 0.75, 0.30>, <0.60, 0.05, 0.30>) rotate y * 10 translate <0.17, 0.113, 0.03> }
  #break
  #case (14)
    View(<0.0, 0.17, -0.26>, <0, 0.012, 0>, 34) Room(<0.30, 0.34, 0.30>, Day)
    box { <-0.5, 0, -0.4>, <0.5, 0.001, 0.4> pigment { rgb <0.03, 0.22, 0.09> } normal { bumps 0.5 scale 0.0012 } finish { diffuse 0.85 } }
    #macro Pips(N, D)
      #if (mod(N, 2) = 1) sphere { 0, 0.0028 } #end
      #if (N > 1) sphere { <-D, -D, 0>, 0.0028 } sphere { <D, D, 0>, 0.0028 } #end
      #if (N > 3) sphere { <-D, D, 0>, 0.0028 } sphere { <D, -D, 0>, 0.0028 } #end
      #if (N > 5) sphere { <-D, 0, 0>, 0.0028 } sphere { <D, 0, 0>, 0.0028 } #end
    #end
    #macro Die(Body, Dot)
      difference {
        superellipsoid { <0.18, 0.18> scale 0.016 texture { pigment { rgb Body } finish { diffuse 0.8 specular 0.8 roughness 0.006 reflection { 0.02, 0.25 } } } }
        union {
          union { Pips(1, 0.008) translate -z * 0.0168 } union { Pips(6, 0.008) translate z * 0.0168 }
          union { Pips(2, 0.008) rotate y * 90 translate -x * 0.0168 } union { Pips(5, 0.008) rotate y * 90 translate x * 0.0168 }
          union { Pips(3, 0.008) rotate x * 90 translate y * 0.0168 } union { Pips(4, 0.008) rotate x * 90 translate -y * 0.0168 }
          texture { pigment { rgb Dot } }
        }
        translate y * 0.017
      }
    #end
    object { Die(<0.90, 0.89, 0.86>, 0.02) rotate y * 25 translate <-0.045, 0, 0> }
    object { Die(<0.65, 0.02, 0.02>, 0.95) translate -y * 0.017 rotate z * 90 translate y * 0.017 rotate y * -35 translate <0.01, 0, -0.03> }
    object { Die(<0.90, 0.89, 0.86>, 0.02) translate -y * 0.017 rotate x * 90 translate y * 0.017 rotate y * 50 translate <0.05, 0, 0.025> }
    object { Die(<0.65, 0.02, 0.02>, 0.95) rotate y * 70 translate <-0.01, 0, 0.055> }
  #break
  #case (15)
    View(<0.0, 0.44, -0.95>, <0, 0.085, 0>, 38) Room(<0.46, 0.50, 0.44>, Day)
    #declare Rind = texture { pigment { radial turbulence 0.12 frequency 11 color_map { [0.35 rgb <0.10, 0.28, 0.06>] [0.45 rgb <0.02, 0.09, 0.02>] [0.75 rgb <0.02, 0.09, 0.02>] [0.9 rgb <0.10, 0.28, 0.06>] } rotate x * 90 rotate y * 90 } finish { diffuse 0.8 specular 0.4 roughness 0.02 } }
    #declare Flesh = texture {
      pigment { function { sqrt(x * x + y * y + z * z) / 0.14 } color_map { [0.86 rgb <0.78, 0.07, 0.06>] [0.91 rgb <0.92, 0.62, 0.50>] [0.94 rgb <0.90, 0.92, 0.74>] [0.97 rgb <0.25, 0.42, 0.12>] } }
      finish { diffuse 0.85 specular 0.3 roughness 0.03 } normal { bumps 0.15 scale 0.004 }
    }
    sphere { 0, 0.14 scale <1.15, 1, 1> texture { Rind scale <1.15, 1, 1> } translate <-0.17, 0.14, 0.16> }
    union {
      intersection { sphere { 0, 0.14 texture { Rind } } plane { -z, 0 texture { Flesh } } }
      #declare Random = seed(5);
      #for (I, 0, 21) sphere { 0, 1 scale <0.004, 0.0065, 0.002> rotate z * rand(Random) * 180 translate <0.09 * cos(I * 0.571) * (0.75 + 0.25 * mod(I, 2)), 0.09 * sin(I * 0.571) * (0.75 + 0.25 * mod(I, 2)), -0.0005> pigment { rgb 0.015 } finish { specular 0.8 } } #end
      rotate x * 12 rotate y * 14 translate <0.13, 0.135, 0.05>
    }
    #for (I, 0, 1)
      union {
        intersection { sphere { 0, 0.14 texture { Rind } } plane { z, 0.012 texture { Flesh } } plane { -z, 0.012 texture { Flesh } } plane { y, 0 texture { Flesh } } }
        #for (K, 0, 8) sphere { 0, 1 scale <0.004, 0.0065, 0.002> translate <(0.06 + 0.025 * mod(K, 2)) * cos(pi + K * 0.36 + 0.15), (0.06 + 0.025 * mod(K, 2)) * sin(pi + K * 0.36 + 0.15), -0.0125> pigment { rgb 0.015 } } #end
        rotate x * 76 rotate y * (20 - 60 * I) translate <-0.12 + 0.2 * I, 0.018 , -0.11 - 0.03 * I>
      }
    #end
  #break
  #case (16)
    View(<0.0, 0.25, -0.52>, <0, 0.03, 0>, 36) Room(<0.34, 0.40, 0.46>, Day)
    #for (I, 0, 4) object { Banana() scale 1.25 rotate x * (-35 + 18 * I) rotate y * (-14 + 8 * I) translate <0.0, -0.004 + 0.004 * (2 - abs(2 - I)), -0.075 + 0.038 * I> } #end
  #break
  #case (17)
    View(<0.0, 0.34, -0.50>, <0, 0.045, 0>, 36) Room(<0.36, 0.30, 0.26>, Day)
    lathe { cubic_spline 11, <0, 0.0>, <0.045, 0.0>, <0.047, 0.012>, <0.075, 0.03>, <0.105, 0.072>, <0.107, 0.074>, <0.102, 0.073>, <0.07, 0.034>, <0.03, 0.018>, <0, 0.018>, <-0.02, 0.018> Ceramic(<0.55, 0.05, 0.04>) }
    disc { <0, 0.058, 0>, y, 0.092 pigment { rgb <0.42, 0.22, 0.06> } finish { diffuse 0.7 specular 0.7 roughness 0.01 reflection { 0.03, 0.3 } } }
    #declare Random = seed(17);
    #for (I, 1, 75)
      #declare C = vrotate(x * 0.05 * sqrt(rand(Random)), y * 360 * rand(Random));
      #declare T = rand(Random) * 360;
      sphere_sweep {
        b_spline 7
        #for (K, 0, 6) C * 0.7 + vrotate(<(K - 3) * 0.024, 0.060 + 0.010 * rand(Random) - 0.0012 * pow(K - 3, 2), Between(Random, -0.016, 0.016)>, y * T) * <0.82, 1, 0.82>, 0.0023 #end
        pigment { rgb <0.92, 0.76, 0.40> } finish { diffuse 0.8 specular 0.3 roughness 0.03 }
        clipped_by { cylinder { 0, y, 0.091 } }
      }
    #end
    // half an egg, spring onions, slices of meat
    union { intersection { sphere { 0, 1 scale <0.024, 0.02, 0.03> } plane { y, 0.002 } pigment { rgb 0.95 } } sphere { 0, 1 scale <0.012, 0.004, 0.013> translate y * 0.0015 pigment { rgb <0.95, 0.55, 0.06> } } rotate <-14, 30, 0> translate <-0.045, 0.072, 0.025> }
    #for (I, 0, 30) torus { 0.0035, 0.0013 rotate <rand(Random) * 60, rand(Random) * 360, 0> translate <0.03 + Between(Random, -0.03, 0.03), 0.073, -0.02 + Between(Random, -0.035, 0.035)> pigment { rgb <0.20, 0.45, 0.08> } } #end
    #for (I, 0, 2) cylinder { 0, y * 0.004, 0.022 scale <1.2, 1, 0.9> rotate <-18, 20 + 20 * I, 10> translate <0.035 + 0.012 * I, 0.070 + 0.004 * I, 0.035 - 0.015 * I> pigment { bozo color_map { [0.4 rgb <0.50, 0.22, 0.12>] [0.6 rgb <0.78, 0.55, 0.42>] } scale 0.012 } } #end
    // chopsticks
    #for (S, 0, 1) cone { <0.10 + 0.012 * S, 0.0045, -0.12 + 0.002 * S>, 0.0022, <0.165 + 0.012 * S, 0.0045, 0.11>, 0.0045 pigment { rgb <0.25, 0.10, 0.05> } finish { specular 0.5 } } #end
  #break
  #case (18)
    View(<0.10, 0.34, -1.05>, <0.0, 0.17, 0>, 40) Room(<0.36, 0.33, 0.30>, Day)
    #declare Random = seed(9);
    #macro Colour() <0.08, 0.07, 0.07> + <0.55, 0.38, 0.32> * <rand(Random), rand(Random), rand(Random)> #end
    #for (S, -1, 1, 2)
      #declare H = 0;
      #for (I, 0, 5 - S)
        #declare T = Between(Random, 0.025, 0.05);
        object { Book(Colour(), T) scale <Between(Random, 0.8, 1), 1, Between(Random, 0.8, 1)> rotate y * (-90 + Between(Random, -14, 14)) translate <S * 0.17, H, 0> }
        #declare H = H + T;
      #end
    #end
    #for (K, 0, 2)
      box { <-1.6, -0.02 + 0.34 * K, 0.62>, <1.6, 0.34 * K, 0.95> texture { pigment { Wood(<0.34, 0.19, 0.09>, <0.22, 0.11, 0.05>) } } }
      #declare X = -1.1;
      #while (X < 1.1)
        #declare T = Between(Random, 0.025, 0.06);
        object { Book(Colour(), T) scale <1, 1, Between(Random, 0.78, 1.05)> rotate z * -90 rotate x * -90 rotate y * 0 translate <X, 0.34 * K + 0.14, 0.78> }
        #declare X = X + T + 0.002;
      #end
    #end
  #break
#end
