namespace System;

/// <summary>What the compiler asks for where a list pattern is compiled for a framework without it.</summary>
internal readonly struct Index(int value, bool fromEnd = false)
{
    public int GetOffset(int length) => fromEnd ? length - value : value;
}
