namespace EventSourcing;

/// <summary>What a stored event has become: one event mostly, without a list for it; or any number.</summary>
internal readonly struct LiftedEvents
{
    private readonly object? only;
    private readonly List<object>? many;

    public LiftedEvents(object only) => this.only = only;

    public LiftedEvents(List<object> many) => this.many = many;

    public int Count => only is null ? many?.Count ?? 0 : 1;

    public object this[int index] => only ?? many![index];
}
