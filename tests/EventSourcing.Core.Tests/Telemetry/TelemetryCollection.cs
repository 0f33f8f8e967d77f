namespace EventSourcing;

/// <summary>Alone: what is to cost nothing while nobody listens cannot be seen while another test listens.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryCollection
{
    public const string Name = "Telemetry";
}
