namespace EventSourcing;

/// <summary>What a consumer that asks for every event does with one whose type is not registered.</summary>
public enum UnknownEventAction
{
    /// <summary>The same as with any event that it cannot handle; see <see cref="PoisonAction"/>.</summary>
    Fail,

    /// <summary>It goes past the event.</summary>
    Skip,
}
