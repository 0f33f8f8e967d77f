namespace EventSourcing;

/// <summary>A projection whose views can be built anew one by one.</summary>
internal interface IKeyedProjection
{
    IEnumerable<string> KeysOf(EventEnvelope envelope);

    Task RebuildAsync(string key, LiveViews live, CancellationToken cancellationToken);
}
