/* Vectors, reset and interrupt entry of an lx106 (call0 ABI: no windows).
 * SPDX-License-Identifier: Apache-2.0 */
    .section .vectors, "ax"
    .align 1024
vectors:
    .org 0x10               /* debug */
    j exception
    .org 0x20               /* NMI */
    j exception
    .org 0x30               /* exceptions and interrupts of the kernel: we never leave it */
    j exception
    .org 0x50               /* of user mode */
    j exception
    .org 0x70               /* double */
    j exception
    .org 0x100

    .literal_position
    .align 4
exception:                  /* masked by PS.EXCM; board_exception() ends the program unless it is an interrupt */
    addi a1, a1, -80
    s32i a0, a1, 0
    s32i a2, a1, 8
    s32i a3, a1, 12
    s32i a4, a1, 16
    s32i a5, a1, 20
    s32i a6, a1, 24
    s32i a7, a1, 28
    s32i a8, a1, 32
    s32i a9, a1, 36
    s32i a10, a1, 40
    s32i a11, a1, 44
    s32i a12, a1, 48
    s32i a13, a1, 52
    s32i a14, a1, 56
    s32i a15, a1, 60
    rsr a2, sar
    s32i a2, a1, 64
    rsr a3, epc1
    s32i a3, a1, 68
    rsr a2, exccause
    rsr a4, excvaddr
    call0 board_exception
    l32i a3, a1, 68
    wsr a3, epc1
    l32i a2, a1, 64
    wsr a2, sar
    l32i a0, a1, 0
    l32i a2, a1, 8
    l32i a3, a1, 12
    l32i a4, a1, 16
    l32i a5, a1, 20
    l32i a6, a1, 24
    l32i a7, a1, 28
    l32i a8, a1, 32
    l32i a9, a1, 36
    l32i a10, a1, 40
    l32i a11, a1, 44
    l32i a12, a1, 48
    l32i a13, a1, 52
    l32i a14, a1, 56
    l32i a15, a1, 60
    addi a1, a1, 80
    rfe

    .global start
    .align 4
start:
    movi a1, stack_high
    movi a0, vectors
    wsr a0, vecbase
    movi a2, 0
    wsr a2, intenable
    movi a2, 0x0f           /* masked, EXCM clear: exceptions use the kernel's vector */
    wsr a2, ps
    rsync
    movi a0, 0
    mov a2, a1
    call0 board_start
1:  j 1b

    .global board_simcall
    .align 4
board_simcall:
    simcall
    ret
