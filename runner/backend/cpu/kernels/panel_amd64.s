#include "go_asm.h"
#include "textflag.h"

// Each function computes one panel, see panel in panel.go. Registers: SI and DX are the rows of x and w, AX and DI what is read of them;
// R9, R14, BX and R15 are 1, 3, 5 and 7 times the distance of two points, so that all points are addressed from AX.

// BEGIN loads the distances, in bytes.
#define BEGIN \
	MOVQ x+8(FP), SI \
	MOVQ w+16(FP), DX \
	MOVQ p+24(FP), R8 \
	MOVQ panel_rows(R8), CX \
	MOVQ panel_xStep(R8), R9 \
	MOVQ panel_xNext(R8), R10 \
	MOVQ panel_xRow(R8), R11 \
	MOVQ panel_wNext(R8), R12 \
	MOVQ panel_wRow(R8), R13 \
	SHLQ $2, R9 \
	SHLQ $2, R10 \
	SHLQ $2, R11 \
	SHLQ $2, R12 \
	SHLQ $2, R13 \
	LEAQ (R9)(R9*2), R14 \
	LEAQ (R9)(R9*4), BX \
	LEAQ (R14)(R9*4), R15

// RESULT points AX at y, R10 being the distance of its points in bytes.
#define RESULT \
	MOVQ y+0(FP), AX \
	MOVQ p+24(FP), R8 \
	MOVQ panel_yStep(R8), R10 \
	SHLQ $2, R10

// ROW begins a row, and NEXT goes to the next column, else to the next row.
#define ROW \
	MOVQ SI, AX \
	MOVQ DX, DI \
	MOVQ p+24(FP), R8 \
	MOVQ panel_cols(R8), R8

#define NEXT(column, row) \
	ADDQ R10, AX \
	ADDQ R12, DI \
	DECQ R8 \
	JNZ  column \
	ADDQ R11, SI \
	ADDQ R13, DX \
	DECQ CX \
	JNZ  row

// Two vectors of 16 lanes for a point.
#define POINT32(from, a, b, spread) \
	VBROADCASTSS from, spread \
	VFMADD231PS  Z16, spread, a \
	VFMADD231PS  Z17, spread, b

#define LOAD32(a, b) \
	VMOVUPS (AX), a \
	VMOVUPS 64(AX), b \
	ADDQ    R10, AX

#define STORE32(a, b) \
	VMOVUPS a, (AX) \
	VMOVUPS b, 64(AX) \
	ADDQ    R10, AX

#define ZERO(z) VPXORQ z, z, z

// func panel8x32(y, x, w *float32, p *panel)
TEXT ·panel8x32(SB), NOSPLIT, $0-32
	RESULT
	CMPQ panel_add(R8), $0
	JEQ  zero
	LOAD32(Z0, Z1)
	LOAD32(Z2, Z3)
	LOAD32(Z4, Z5)
	LOAD32(Z6, Z7)
	LOAD32(Z8, Z9)
	LOAD32(Z10, Z11)
	LOAD32(Z12, Z13)
	LOAD32(Z14, Z15)
	JMP  begin

zero:
	ZERO(Z0)
	ZERO(Z1)
	ZERO(Z2)
	ZERO(Z3)
	ZERO(Z4)
	ZERO(Z5)
	ZERO(Z6)
	ZERO(Z7)
	ZERO(Z8)
	ZERO(Z9)
	ZERO(Z10)
	ZERO(Z11)
	ZERO(Z12)
	ZERO(Z13)
	ZERO(Z14)
	ZERO(Z15)

begin:
	BEGIN

row:
	ROW

column:
	VMOVUPS (DI), Z16
	VMOVUPS 64(DI), Z17
	POINT32((AX), Z0, Z1, Z18)
	POINT32((AX)(R9*1), Z2, Z3, Z19)
	POINT32((AX)(R9*2), Z4, Z5, Z20)
	POINT32((AX)(R14*1), Z6, Z7, Z21)
	POINT32((AX)(R9*4), Z8, Z9, Z22)
	POINT32((AX)(BX*1), Z10, Z11, Z23)
	POINT32((AX)(R14*2), Z12, Z13, Z24)
	POINT32((AX)(R15*1), Z14, Z15, Z25)
	NEXT(column, row)
	RESULT
	STORE32(Z0, Z1)
	STORE32(Z2, Z3)
	STORE32(Z4, Z5)
	STORE32(Z6, Z7)
	STORE32(Z8, Z9)
	STORE32(Z10, Z11)
	STORE32(Z12, Z13)
	STORE32(Z14, Z15)
	VZEROUPPER
	RET

// func panel4x32(y, x, w *float32, p *panel)
TEXT ·panel4x32(SB), NOSPLIT, $0-32
	RESULT
	CMPQ panel_add(R8), $0
	JEQ  zero
	LOAD32(Z0, Z1)
	LOAD32(Z2, Z3)
	LOAD32(Z4, Z5)
	LOAD32(Z6, Z7)
	JMP  begin

zero:
	ZERO(Z0)
	ZERO(Z1)
	ZERO(Z2)
	ZERO(Z3)
	ZERO(Z4)
	ZERO(Z5)
	ZERO(Z6)
	ZERO(Z7)

begin:
	BEGIN

row:
	ROW

column:
	VMOVUPS (DI), Z16
	VMOVUPS 64(DI), Z17
	POINT32((AX), Z0, Z1, Z18)
	POINT32((AX)(R9*1), Z2, Z3, Z19)
	POINT32((AX)(R9*2), Z4, Z5, Z20)
	POINT32((AX)(R14*1), Z6, Z7, Z21)
	NEXT(column, row)
	RESULT
	STORE32(Z0, Z1)
	STORE32(Z2, Z3)
	STORE32(Z4, Z5)
	STORE32(Z6, Z7)
	VZEROUPPER
	RET

// One vector of 16 lanes for a point.
#define LOAD16(a) \
	VMOVUPS (AX), a \
	ADDQ    R10, AX

#define STORE16(a) \
	VMOVUPS a, (AX) \
	ADDQ    R10, AX

// func panel8x16(y, x, w *float32, p *panel)
TEXT ·panel8x16(SB), NOSPLIT, $0-32
	RESULT
	CMPQ panel_add(R8), $0
	JEQ  zero
	LOAD16(Z0)
	LOAD16(Z1)
	LOAD16(Z2)
	LOAD16(Z3)
	LOAD16(Z4)
	LOAD16(Z5)
	LOAD16(Z6)
	LOAD16(Z7)
	JMP  begin

zero:
	ZERO(Z0)
	ZERO(Z1)
	ZERO(Z2)
	ZERO(Z3)
	ZERO(Z4)
	ZERO(Z5)
	ZERO(Z6)
	ZERO(Z7)

begin:
	BEGIN

row:
	ROW

column:
	VMOVUPS (DI), Z16
	VFMADD231PS.BCST (AX), Z16, Z0
	VFMADD231PS.BCST (AX)(R9*1), Z16, Z1
	VFMADD231PS.BCST (AX)(R9*2), Z16, Z2
	VFMADD231PS.BCST (AX)(R14*1), Z16, Z3
	VFMADD231PS.BCST (AX)(R9*4), Z16, Z4
	VFMADD231PS.BCST (AX)(BX*1), Z16, Z5
	VFMADD231PS.BCST (AX)(R14*2), Z16, Z6
	VFMADD231PS.BCST (AX)(R15*1), Z16, Z7
	NEXT(column, row)
	RESULT
	STORE16(Z0)
	STORE16(Z1)
	STORE16(Z2)
	STORE16(Z3)
	STORE16(Z4)
	STORE16(Z5)
	STORE16(Z6)
	STORE16(Z7)
	VZEROUPPER
	RET

// func panel4x16(y, x, w *float32, p *panel)
TEXT ·panel4x16(SB), NOSPLIT, $0-32
	RESULT
	CMPQ panel_add(R8), $0
	JEQ  zero
	LOAD16(Z0)
	LOAD16(Z1)
	LOAD16(Z2)
	LOAD16(Z3)
	JMP  begin

zero:
	ZERO(Z0)
	ZERO(Z1)
	ZERO(Z2)
	ZERO(Z3)

begin:
	BEGIN

row:
	ROW

column:
	VMOVUPS (DI), Z16
	VFMADD231PS.BCST (AX), Z16, Z0
	VFMADD231PS.BCST (AX)(R9*1), Z16, Z1
	VFMADD231PS.BCST (AX)(R9*2), Z16, Z2
	VFMADD231PS.BCST (AX)(R14*1), Z16, Z3
	NEXT(column, row)
	RESULT
	STORE16(Z0)
	STORE16(Z1)
	STORE16(Z2)
	STORE16(Z3)
	VZEROUPPER
	RET

// Two vectors of 8 lanes for a point, of AVX2.
#define POINT16(from, a, b) \
	VBROADCASTSS from, Y10 \
	VFMADD231PS  Y8, Y10, a \
	VFMADD231PS  Y9, Y10, b

#define LOADAVX2(a, b) \
	VMOVUPS (AX), a \
	VMOVUPS 32(AX), b \
	ADDQ    R10, AX

#define STOREAVX2(a, b) \
	VMOVUPS a, (AX) \
	VMOVUPS b, 32(AX) \
	ADDQ    R10, AX

#define ZEROAVX2(y) VXORPS y, y, y

// func panel4x16AVX2(y, x, w *float32, p *panel)
TEXT ·panel4x16AVX2(SB), NOSPLIT, $0-32
	RESULT
	CMPQ panel_add(R8), $0
	JEQ  zero
	LOADAVX2(Y0, Y1)
	LOADAVX2(Y2, Y3)
	LOADAVX2(Y4, Y5)
	LOADAVX2(Y6, Y7)
	JMP  begin

zero:
	ZEROAVX2(Y0)
	ZEROAVX2(Y1)
	ZEROAVX2(Y2)
	ZEROAVX2(Y3)
	ZEROAVX2(Y4)
	ZEROAVX2(Y5)
	ZEROAVX2(Y6)
	ZEROAVX2(Y7)

begin:
	BEGIN

row:
	ROW

column:
	VMOVUPS (DI), Y8
	VMOVUPS 32(DI), Y9
	POINT16((AX), Y0, Y1)
	POINT16((AX)(R9*1), Y2, Y3)
	POINT16((AX)(R9*2), Y4, Y5)
	POINT16((AX)(R14*1), Y6, Y7)
	NEXT(column, row)
	RESULT
	STOREAVX2(Y0, Y1)
	STOREAVX2(Y2, Y3)
	STOREAVX2(Y4, Y5)
	STOREAVX2(Y6, Y7)
	VZEROUPPER
	RET
