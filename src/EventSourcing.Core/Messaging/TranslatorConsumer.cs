namespace EventSourcing;

/// <summary>Runs a translator: a page of events becomes messages in the outbox, with the checkpoint in one transaction.</summary>
internal sealed class TranslatorConsumer : IEventConsumer
{
    private readonly MessageTranslator translator;
    private readonly IOutbox outbox;
    private readonly OutboxSignal signal;

    public TranslatorConsumer(MessageTranslator translator, IOutbox outbox, OutboxSignal signal)
    {
        _ = new StreamShard(0, translator.Shards);

        // None would ask for every event, to say nothing about any of them.
        if (translator.EventTypes.Count == 0)
        {
            throw new ArgumentException($"Translator '{translator.Name}' has no handler.", nameof(translator));
        }

        this.translator = translator;
        this.outbox = outbox;
        this.signal = signal;
    }

    public string Name => translator.Name;

    public IReadOnlyCollection<Type> EventTypes => translator.EventTypes;

    public IReadOnlyCollection<string> Categories => translator.Categories;

    public int Shards => translator.Shards;

    public LogPosition? StartAfter => translator.StartAfter;

    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) =>
        outbox.LoadPositionAsync(lease, cancellationToken);

    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        var messages = page.Events.SelectMany(translator.Translate).ToArray();
        await outbox.WriteAsync(lease, page, messages, cancellationToken).ConfigureAwait(false);
        if (messages.Length > 0)
        {
            signal.Raise();
        }
    }
}
