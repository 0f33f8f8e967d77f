namespace System.Runtime.CompilerServices;

/// <summary>What the compiler asks for where a record is compiled for a framework without it.</summary>
internal static class IsExternalInit;
