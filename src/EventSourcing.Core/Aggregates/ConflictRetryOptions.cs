namespace EventSourcing;

/// <summary>How often and how soon the repository decides again after a conflict.</summary>
public sealed record ConflictRetryOptions
{
    private readonly int maxAttempts = 10;
    private readonly TimeSpan firstDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>How often a command is decided and appended at most, the first time included; 1 or more, 10 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxAttempts
    {
        get => maxAttempts;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxAttempts = value;
        }
    }

    /// <summary>
    /// The longest pause after the first conflict, 2 ms by default. It doubles with each further conflict up to 200 ms;
    /// the pause taken is a random part of it ("full jitter"), so that rivals do not meet again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan FirstDelay
    {
        get => firstDelay;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            firstDelay = value;
        }
    }

    internal TimeSpan DelayAfter(int attempt) => Backoff.Jittered(firstDelay, attempt, TimeSpan.FromMilliseconds(200));
}
