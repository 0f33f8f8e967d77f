namespace EventSourcing.Torture;

/// <summary>Others are told of each label that something was moved for.</summary>
internal sealed class Tell : MessageTranslator
{
    public const string TranslatorName = "tell";

    public Tell()
        : base(TranslatorName, LogPosition.Start) =>
        OnEach<Moved>((moved, envelope) => moved.Labels.Select(label => Message(envelope, "moved", "moved.v1", label)));
}
