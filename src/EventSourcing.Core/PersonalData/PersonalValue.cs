namespace EventSourcing;

/// <summary>A value that is to be written encrypted.</summary>
/// <param name="Property">Where it comes from.</param>
/// <param name="Value">The value.</param>
/// <param name="Subject">Whose it is; null where nothing says so.</param>
internal sealed record PersonalValue(PersonalProperty Property, object Value, string? Subject);
