namespace EventSourcing;

/// <summary>How personal data is encrypted, and how it reads once its subject is forgotten.</summary>
public sealed class PersonalDataOptions
{
    /// <summary>The key that wraps the keys of subjects; required.</summary>
    public IMasterKey? MasterKey { get; set; }

    /// <summary>Master keys of before, which unwrap what they have wrapped until <see cref="DataSubjects.RewrapAsync"/> has been run;
    /// none by default.</summary>
    public IList<IMasterKey> EarlierMasterKeys { get; } = [];

    /// <summary>What a text reads as when its subject is forgotten; <c>[forgotten]</c> by default. Numbers, dates and other values read as the
    /// default of their type, lists and dictionaries as empty ones, objects and whatever may be null as null.</summary>
    public string ForgottenText { get; set; } = "[forgotten]";

    /// <summary>How long a process uses a key without asking for it again, more than zero; one minute by default. After so long at the latest a
    /// subject is forgotten in the processes that did not do it themselves.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many keys a process holds in memory at most, 1 or more; 10,000 by default, each some kilobytes. Let it be more than subjects
    /// come together in one page of a projection.</summary>
    public int MaxKeys { get; set; } = 10_000;

    internal PersonalDataOptions Validated()
    {
        if (MasterKey is null)
        {
            throw new InvalidOperationException(
                $"Personal data needs a master key: AddPersonalData(options => options.{nameof(MasterKey)} = new AesMasterKey(\"a name\", 32 secret bytes)).");
        }

        ArgumentNullException.ThrowIfNull(ForgottenText);
        StoredText.ThrowIfUnwritable(ForgottenText, nameof(ForgottenText), nameof(ForgottenText));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeyLifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxKeys, 1);
        foreach (var master in EarlierMasterKeys.Prepend(MasterKey))
        {
            ArgumentNullException.ThrowIfNull(master, nameof(EarlierMasterKeys));
            StoredText.ThrowIfUnfit(master.Id, AesMasterKey.MaxIdLength, "The name of a master key", nameof(MasterKey));
        }

        return EarlierMasterKeys.Prepend(MasterKey).GroupBy(master => master.Id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InvalidOperationException($"Two master keys have the name '{twice.Key}'; what one has wrapped is not to be unwrapped by the other.")
            : this;
    }
}
