// A game of chess on a wooden board, or with Above = 1 the whole board from above.
#include "common.inc"
#include "wood.inc"

#if (Above) View(<0.10, 0.62, -0.42>, <0.0, 0.0, -0.005>, 42) #else LensView(<-0.16, 0.20, -0.42>, <0.0, 0.02, 0.0>, 34, <-0.03, 0.03, -0.08>, 0.02) #end
background { rgb <0.10, 0.08, 0.07> }
light_source { <-0.9, 1.4, 0.5> rgb <1.25, 1.12, 0.92> + 0.2 * Above area_light <0.35, 0, 0>, <0, 0, 0.35>, 4, 4 adaptive 1 circular orient }
light_source { <1.2, 0.9, -1.2> rgb <0.26, 0.27, 0.32> shadowless }
box { <-3, -1, 1.6>, <3, 2, 1.7> pigment { rgb <0.16, 0.11, 0.08> } }
box { <-1.5, -0.06, -1>, <1.5, -0.018, 1.2> Planks(<0.30, 0.15, 0.07>, <0.16, 0.07, 0.03>, 0.16, 0.15) }

// Board: squares of 0.05 m
#declare Light = texture { pigment { Wood(<0.72, 0.52, 0.30>, <0.58, 0.38, 0.19>) } finish { diffuse 0.8 specular 0.4 roughness 0.01 reflection { 0.02, 0.25 } } }
#declare Dark = texture { pigment { Wood(<0.20, 0.09, 0.04>, <0.09, 0.035, 0.015>) rotate y * 90 } finish { diffuse 0.8 specular 0.4 roughness 0.01 reflection { 0.02, 0.25 } } }
box { <-0.2, -0.017, -0.2>, <0.2, 0, 0.2> texture { checker texture { Dark } texture { Light } scale 0.05 translate <0, 0.017, 0> } }
box { <-0.225, -0.018, -0.225>, <0.225, -0.001, 0.225> texture { Dark } }

// The turned body of a piece: radius and height in units of a square.
#macro Turned(Points)
  lathe { linear_spline dimension_size(Points, 1), #for (I, 0, dimension_size(Points, 1) - 1) Points[I] #end scale 0.05 }
#end
#macro Foot(Waist, Neck, Collar)
  lathe {
    cubic_spline 12,
    <0, -0.02>, <0, 0>, <0.36, 0>, <0.37, 0.10>, <0.27, 0.17>, <0.28, 0.24>, <Waist, 0.36>, <Waist * 0.72, Neck * 0.7>, <Waist * 0.68, Neck - 0.05>, <Collar, Neck>, <0, Neck + 0.07>, <-0.1, Neck + 0.07>
    scale 0.05
  }
#end
#declare Pawn = union { object { Foot(0.20, 0.72, 0.24) } sphere { <0, 0.92, 0>, 0.19 scale 0.05 } };
#declare Rook = union {
  object { Foot(0.25, 0.86, 0.30) }
  difference {
    cylinder { <0, 0.86, 0>, <0, 1.18, 0>, 0.27 }
    cylinder { <0, 1.02, 0>, <0, 1.3, 0>, 0.17 }
    #for (I, 0, 2) box { <-0.4, 1.06, -0.05>, <0.4, 1.3, 0.05> rotate y * 60 * I } #end
    scale 0.05
  }
};
#declare Bishop = union {
  object { Foot(0.21, 1.02, 0.26) }
  difference { sphere { <0, 1.27, 0>, 0.2 scale <1, 1, 1> } box { <-0.03, 1.3, -0.5>, <0.03, 1.6, 0.5> rotate z * -20 translate <-0.35, 0.12, 0> } scale 0.05 }
  sphere { <0, 1.50, 0>, 0.06 scale 0.05 }
};
#declare Knight = union {
  object { Foot(0.28, 0.42, 0.30) }
  blob {
    threshold 0.5
    cylinder { <0.02, 0.45, 0>, <-0.06, 0.80, 0>, 0.40, 1 }
    cylinder { <-0.06, 0.80, 0>, <0.02, 1.10, 0>, 0.32, 1 }
    cylinder { <0.02, 1.12, 0>, <0.30, 0.93, 0>, 0.22, 1.2 }
    sphere { <-0.04, 1.32, 0.07>, 0.12, 0.9 }
    sphere { <-0.04, 1.32, -0.07>, 0.12, 0.9 }
    sphere { <-0.17, 0.95, 0>, 0.22, 0.7 }
    scale 0.05
  }
};
#declare Queen = union {
  object { Foot(0.23, 1.24, 0.27) }
  cone { <0, 1.28, 0>, 0.13, <0, 1.56, 0>, 0.26 scale 0.05 }
  #for (I, 0, 8) sphere { <0.23, 1.58, 0>, 0.06 rotate y * 40 * I scale 0.05 } #end
  sphere { <0, 1.60, 0>, 0.13 scale 0.05 }
};
#declare King = union {
  object { Foot(0.24, 1.34, 0.28) }
  cone { <0, 1.38, 0>, 0.14, <0, 1.66, 0>, 0.25 scale 0.05 }
  sphere { 0, 0.24 scale <1, 0.35, 1> translate y * 1.66 scale 0.05 }
  box { <-0.035, 1.7, -0.035>, <0.035, 2.0, 0.035> scale 0.05 }
  box { <-0.11, 1.82, -0.035>, <0.11, 1.89, 0.035> scale 0.05 }
};
#declare White = texture { pigment { Wood(<0.80, 0.63, 0.40>, <0.70, 0.50, 0.28>) } finish { diffuse 0.8 specular 0.7 roughness 0.008 reflection { 0.02, 0.2 } } }
#declare Black = texture { pigment { Wood(<0.10, 0.05, 0.03>, <0.04, 0.02, 0.012>) } finish { diffuse 0.8 specular 0.7 roughness 0.008 reflection { 0.03, 0.25 } } }
// Places Piece on the square File, Rank (0..7, White at rank 0, nearest to the viewer).
#macro Place(Piece, Colour, File, Rank, Turn)
  object { Piece rotate y * Turn texture { Colour } translate <(File - 3.5) * 0.05, 0, (Rank - 3.5) * 0.05> }
#end
Place(Rook, White, 0, 0, 0) Place(Bishop, White, 2, 0, 0) Place(Queen, White, 3, 0, 0) Place(King, White, 6, 0, 0) Place(Rook, White, 5, 0, 0)
Place(Knight, White, 2, 2, -50) Place(Knight, White, 5, 2, -70) Place(Bishop, White, 2, 3, 0)
#for (I, 0, 7) #if (I != 3 & I != 4) Place(Pawn, White, I, 1, 0) #end #end
Place(Pawn, White, 4, 3, 0) Place(Pawn, White, 3, 2, 0)
Place(Rook, Black, 0, 7, 0) Place(Bishop, Black, 2, 7, 0) Place(Queen, Black, 3, 7, 0) Place(King, Black, 4, 7, 0) Place(Rook, Black, 7, 7, 0)
Place(Knight, Black, 2, 5, 80) Place(Knight, Black, 5, 5, 120) Place(Bishop, Black, 2, 4, 0)
#for (I, 0, 7) #if (I != 4 & I != 3) Place(Pawn, Black, I, 6, 0) #end #end
Place(Pawn, Black, 4, 4, 0) Place(Pawn, Black, 3, 5, 0)
