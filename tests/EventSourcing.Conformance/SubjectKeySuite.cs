using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The keys of subjects: one for each for good, and none again for those who are forgotten.</summary>
public abstract class SubjectKeySuite : StoreSuite
{
    /// <summary>The key store beside the event store, as one more process has it: empty at first, and the same for all of a test.</summary>
    protected abstract ISubjectKeyStore CreateKeys(IEventStore store);

    [Fact]
    public async Task A_key_is_found_as_it_was_added_and_nobody_else_s()
    {
        var keys = CreateKeys(Store);
        var added = await keys.AddAsync([Key("ada", "one"), Key("Ada", "two"), Key("ad\u00e4", "three")], Cancellation);

        Assert.Equal(["Ada: master two", "ada: master one", "ad\u00e4: master three"], Shown(added));
        Assert.Equal(["Ada: master two", "ada: master one"], Shown(await CreateKeys(Store).LoadAsync(["ada", "bob", "Ada"], Cancellation)));
        Assert.Equal(["ada: master one"], Shown(CreateKeys(Store).Load(["ada", "bob"])));
        Assert.Empty(await keys.LoadAsync([], Cancellation));
        Assert.Empty(await keys.LoadAsync(["bob"], Cancellation));
    }

    [Fact]
    public async Task The_first_key_stays()
    {
        var keys = CreateKeys(Store);
        await keys.AddAsync([Key("ada", "first")], Cancellation);

        Assert.Equal(["ada: master first", "bob: master second"], Shown(await keys.AddAsync([Key("ada", "second"), Key("bob", "second")], Cancellation)));
        Assert.Equal(["ada: master first", "carl: master third"], Shown(CreateKeys(Store).Add([Key("ada", "third"), Key("carl", "third")])));
        Assert.Equal(["ada: master first"], Shown(await keys.LoadAsync(["ada"], Cancellation)));
    }

    [Fact]
    public async Task Of_many_who_add_a_key_at_once_all_get_the_same()
    {
        for (var round = 0; round < 20; round++)
        {
            var subjects = Enumerable.Range(0, 20).Select(n => $"subject-{round}-{n}").ToArray();
            using var start = new Barrier(6);
            var got = await Task.WhenAll(Enumerable.Range(0, 6).Select(rival => Task.Run(
                async () =>
                {
                    var keys = CreateKeys(Store);
                    var made = (rival % 2 == 0 ? subjects : subjects.Reverse()).Select(subject => Key(subject, $"of {rival}")).ToArray();
                    start.SignalAndWait(Cancellation);
                    return Shown(rival == 5 ? keys.Add(made) : await keys.AddAsync(made, Cancellation));
                },
                Cancellation)));

            Assert.All(got, one => Assert.Equal(got[0], one));
            Assert.Equal(got[0], Shown(await CreateKeys(Store).LoadAsync(subjects, Cancellation)));
        }
    }

    [Fact]
    public async Task A_forgotten_subject_has_no_key_and_gets_none_again()
    {
        var keys = CreateKeys(Store);
        await keys.AddAsync([Key("ada", "one"), Key("bob", "two")], Cancellation);

        Assert.True(await keys.ForgetAsync("ada", Cancellation));
        Assert.False(await keys.ForgetAsync("ada", Cancellation));
        Assert.False(await keys.ForgetAsync("never seen", Cancellation));

        Assert.Equal(["ada: forgotten", "bob: master two", "never seen: forgotten"], Shown(await keys.LoadAsync(["ada", "bob", "never seen"], Cancellation)));
        Assert.Equal(["ada: forgotten", "never seen: forgotten"], Shown(await keys.AddAsync([Key("ada", "again"), Key("never seen", "again")], Cancellation)));
        Assert.Equal(["ada: forgotten"], Shown(keys.Add([Key("ada", "again")])));
    }

    [Fact]
    public async Task Whoever_is_forgotten_while_their_key_is_added_stays_forgotten()
    {
        for (var round = 0; round < 50; round++)
        {
            var subject = $"subject-{round}";
            using var start = new Barrier(2);
            await Task.WhenAll(
                Task.Run(
                    () =>
                    {
                        start.SignalAndWait(Cancellation);
                        return CreateKeys(Store).AddAsync([Key(subject, "one")], Cancellation);
                    },
                    Cancellation),
                Task.Run(
                    async () =>
                    {
                        start.SignalAndWait(Cancellation);
                        await CreateKeys(Store).ForgetAsync(subject, Cancellation);
                        Assert.Equal([$"{subject}: forgotten"], Shown(CreateKeys(Store).Load([subject])));
                    },
                    Cancellation));
            Assert.Equal([$"{subject}: forgotten"], Shown(CreateKeys(Store).Load([subject])));
        }
    }

    [Fact]
    public async Task A_key_is_wrapped_anew_unless_it_has_changed()
    {
        var keys = CreateKeys(Store);
        await keys.AddAsync([Key("ada", "a"), Key("bob", "b"), Key("carl", "c") with { Key = new WrappedKey("new", Bytes("c")) }], Cancellation);
        await keys.ForgetAsync("dora", Cancellation);

        Assert.Equal(["ada: master a", "bob: master b"], Shown(await keys.FindWrappedByOthersAsync("new", 10, Cancellation)));
        Assert.Single(await keys.FindWrappedByOthersAsync("new", 1, Cancellation));
        Assert.Equal(3, (await keys.FindWrappedByOthersAsync("newest", 10, Cancellation)).Count);

        var ada = Key("ada", "a");
        var after = new StoredSubjectKey("ada", new WrappedKey("new", Bytes("a again")));
        Assert.True(await keys.ReplaceAsync(ada, after, Cancellation));
        Assert.False(await keys.ReplaceAsync(ada, after, Cancellation));
        Assert.Equal(["ada: new a again"], Shown(await keys.LoadAsync(["ada"], Cancellation)));

        await keys.ForgetAsync("bob", Cancellation);
        Assert.False(await keys.ReplaceAsync(Key("bob", "b"), Key("bob", "c"), Cancellation));
        Assert.False(await keys.ReplaceAsync(Key("nobody", "b"), Key("nobody", "c"), Cancellation));
        Assert.Equal(["bob: forgotten"], Shown(await keys.LoadAsync(["bob", "nobody"], Cancellation)));
    }

    private static StoredSubjectKey Key(string subject, string text) => new(subject, new WrappedKey("master", Bytes(text)));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string[] Shown(IEnumerable<StoredSubjectKey> keys) =>
    [
        .. keys.OrderBy(key => key.Subject, StringComparer.Ordinal)
            .Select(key => $"{key.Subject}: {(key.Key is { } stored ? $"{stored.MasterKeyId} {Encoding.UTF8.GetString(stored.Bytes.Span)}" : "forgotten")}"),
    ];
}
