using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>What a reactor has done.</summary>
public sealed class Reaction
{
    private readonly ReactorRun run;
    private readonly IReadOnlyList<Handling> handled;

    internal Reaction(ReactorRun run, IReadOnlyList<Handling> handled)
    {
        this.run = run;
        this.handled = handled;
    }

    /// <summary>The idempotency key of each event and message that was handled, in order: what the reactor hands to those whom it
    /// calls. None where it has no handler.</summary>
    public IReadOnlyList<string> IdempotencyKeys => [.. handled.SelectMany(one => one.Keys)];

    private IReadOnlyList<object> Effects => [.. handled.SelectMany(one => one.Effects)];

    private Exception? Failure => handled.Select(one => one.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Exactly these commands and effects came of it: of each event or message its commands in the order of sending, then what it
    /// scheduled in the order in which that is due, then what it cancelled.</summary>
    /// <param name="expected">Commands as they are, and the rest as <see cref="Effect"/>; at least one.</param>
    /// <returns>This, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">Something else came of it; shows both as JSON.</exception>
    /// <exception cref="ArgumentException">Nothing is given; say <see cref="ThenNothing"/>.</exception>
    public Reaction Then(params IReadOnlyList<object> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        if (expected.Count == 0)
        {
            throw new ArgumentException("To expect nothing, say ThenNothing().", nameof(expected));
        }

        return Compare(expected);
    }

    /// <summary>Nothing came of it: no command, no message, no exception.</summary>
    /// <returns>This, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">Something came of it.</exception>
    public Reaction ThenNothing() => Compare([]);

    /// <summary>A handler failed with an exception of this class or one derived from it, so that it will be tried again.</summary>
    /// <typeparam name="TException">The exception's class.</typeparam>
    /// <param name="check">What else must hold of the exception; nothing by default.</param>
    /// <returns>The exception, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">No handler failed, or with another exception.</exception>
    public TException ThenThrows<TException>(Func<TException, bool>? check = null)
        where TException : Exception => Refusal.Of(Failure, () => Difference.Show(Effect.Show(Effects, [])), check);

    /// <summary>A handler failed with an exception of this class or one derived from it, which says something.</summary>
    /// <typeparam name="TException">The exception's class.</typeparam>
    /// <param name="message">What its message contains, in upper and lower case as it is.</param>
    /// <returns>The exception, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">No handler failed, or with another exception.</exception>
    public TException ThenThrows<TException>(string message)
        where TException : Exception => Refusal.Of<TException>(Failure, () => Difference.Show(Effect.Show(Effects, [])), message);

    /// <summary>Handles the same once more, as after a crash before its receipt was stored: the same commands must come of it, under the same
    /// ids, and the same messages, so that nothing happens twice. Your doubles are called again.</summary>
    /// <returns>This, for further checks.</returns>
    /// <exception cref="ScenarioFailedException">Something else came of it the second time.</exception>
    public Reaction ThenTheSameWhenRedelivered()
    {
        var again = handled.Select(run.Repeat).ToArray();
        if (again.Select(one => one.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
        {
            throw new ScenarioFailedException($"Redelivered, it fails with {Difference.Show(failure)}", failure);
        }

        return Difference.Between(WithIds(handled), WithIds(again)) is { } difference
            ? throw new ScenarioFailedException($"Redelivered, something else comes of it.{Environment.NewLine}{difference}")
            : this;
    }

    private static Shown[] WithIds(IEnumerable<Handling> all) =>
    [
        .. all.SelectMany(one => Effect.Show(one.Effects, one.Effects).Zip(one.Ids, (shown, id) =>
            shown with { Content = new JsonObject { ["Id"] = id, ["Content"] = shown.Content?.DeepClone() } })),
    ];

    private Reaction Compare(IReadOnlyList<object> expected)
    {
        if (Failure is { } failure)
        {
            throw new ScenarioFailedException(
                Difference.Describe(Difference.Show(Effect.Show(expected, [])), Difference.Show(failure)), failure);
        }

        return Difference.Between(Effect.Show(expected, Effects), Effect.Show(Effects, expected)) is { } difference
            ? throw new ScenarioFailedException(difference)
            : this;
    }
}
