namespace EventSourcing.Testing;

/// <summary>What came of a call or a command: events, nothing, or an exception.</summary>
public sealed class Outcome
{
    private readonly IReadOnlyList<object> events;
    private readonly Exception? refusal;

    private Outcome(IReadOnlyList<object> events, Exception? refusal)
    {
        this.events = events;
        this.refusal = refusal;
    }

    /// <summary>Exactly these events followed, in this order: equal in class and, as JSON, in content.</summary>
    /// <param name="expected">The events; at least one.</param>
    /// <exception cref="ScenarioFailedException">Something else came of it; shows both as JSON.</exception>
    /// <exception cref="ArgumentException">No event is given; say <see cref="ThenNothing"/>.</exception>
    public void Then(params IReadOnlyList<object> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        if (expected.Count == 0)
        {
            throw new ArgumentException("To expect no event, say ThenNothing().", nameof(expected));
        }

        Compare(expected);
    }

    /// <summary>Nothing happened: no event, no exception.</summary>
    /// <exception cref="ScenarioFailedException">Something happened.</exception>
    public void ThenNothing() => Compare([]);

    /// <summary>It was refused with an exception of this class or one derived from it.</summary>
    /// <typeparam name="TException">The exception's class.</typeparam>
    /// <param name="check">What else must hold of the exception; nothing by default.</param>
    /// <returns>The exception, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">It was not refused, or with another exception.</exception>
    public TException ThenThrows<TException>(Func<TException, bool>? check = null)
        where TException : Exception => Refusal.Of(refusal, () => Difference.Show(events), check);

    /// <summary>It was refused with an exception of this class or one derived from it, which says something.</summary>
    /// <typeparam name="TException">The exception's class.</typeparam>
    /// <param name="message">What its message contains, in upper and lower case as it is.</param>
    /// <returns>The exception, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">It was not refused, or with another exception.</exception>
    public TException ThenThrows<TException>(string message)
        where TException : Exception => Refusal.Of<TException>(refusal, () => Difference.Show(events), message);

    internal static Outcome Of(Func<IReadOnlyList<object>> act)
    {
        try
        {
            return new Outcome(act(), refusal: null);
        }
        catch (Exception refusal)
        {
            return new Outcome([], refusal);
        }
    }

    private void Compare(IReadOnlyList<object> expected)
    {
        if (refusal is not null)
        {
            throw new ScenarioFailedException(Difference.Describe(Difference.Show(expected), Difference.Show(refusal)), refusal);
        }

        if (Difference.Between(expected, events) is { } difference)
        {
            throw new ScenarioFailedException(difference);
        }
    }
}
