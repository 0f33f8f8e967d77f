namespace EventSourcing;

/// <summary>A projection whose views can be built anew one by one.</summary>
internal interface IKeyedProjection
{
    Task RebuildAsync(string key, LiveViews live, CancellationToken cancellationToken);
}
