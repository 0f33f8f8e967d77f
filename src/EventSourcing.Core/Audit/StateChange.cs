namespace EventSourcing;

/// <summary>One value that differs between two states.</summary>
/// <param name="Path">Where, as a JSONPath: <c>$.lines[2].price</c>, <c>$.prices["a.b"]</c>; <c>$</c> is the whole. Elements of an array
/// that come after the others it had, or are left over, are told by their index in the array that holds them.</param>
/// <param name="Before">The value before, as JSON; null where there was none.</param>
/// <param name="After">The value after, as JSON; null where there is none any more.</param>
public sealed record StateChange(string Path, string? Before, string? After)
{
    /// <summary>For people: <c>$.balance: 100 → 250</c>.</summary>
    public override string ToString() => $"{Path}: {Before ?? "(nothing)"} → {After ?? "(nothing)"}";
}
