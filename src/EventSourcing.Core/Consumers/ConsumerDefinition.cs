namespace EventSourcing;

/// <summary>A consumer as this process knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of what it does with events.</param>
/// <param name="Shards">Into how many shards it is divided when it begins.</param>
/// <param name="Start">Where it begins when there is no trace of it.</param>
/// <param name="IsRebuildable">Whether a new version begins at the start, beside the old one.</param>
/// <param name="IsInline">Whether appends apply it once it has caught up.</param>
internal sealed record ConsumerDefinition(string Name, int Version, int Shards, LogPosition Start, bool IsRebuildable, bool IsInline = false)
{
    /// <summary>What a process says that it runs.</summary>
    public string Capability => CapabilityOf(Name, Version);

    public static string CapabilityOf(string name, int version) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}@{version}");
}
