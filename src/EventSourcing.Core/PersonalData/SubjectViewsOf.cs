namespace EventSourcing;

/// <summary>The views of one projection.</summary>
internal sealed class SubjectViewsOf<TView>(ViewProjection<TView> projection, IViewReader<TView> reader) : SubjectViews
    where TView : class
{
    public override string Name => projection.Name;

    public override IEnumerable<string> KeysOf(EventEnvelope envelope) =>
        Handles(projection.EventTypes, projection.Categories, envelope) ? projection.KeysOf(envelope) : [];

    public override async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        await reader.FindAsync(key, cancellationToken).ConfigureAwait(false) is not null;
}
