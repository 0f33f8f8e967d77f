using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Personal data: encrypted where it is stored, read as it was written, and not at all once its subject is forgotten.</summary>
public abstract class PersonalDataSuite : PersonalFixture
{
    private static readonly CustomerRegistered Forgotten = new("customer-7", "[forgotten]", new HomeAddress("[forgotten]", 0), "GB");

    [Fact]
    public async Task What_is_personal_is_stored_encrypted_and_read_as_it_was_written()
    {
        await WriteAsync(Process(), "customer-7", Ada, new CustomerVisited("customer-7"));

        Assert.Equal([Ada, new CustomerVisited("customer-7")], await LoadAsync(Process(), "customer-7"));
        var stored = await StoredAsync("customer-7");
        Assert.DoesNotContain("Ada", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("James", stored, StringComparison.Ordinal);
        Assert.Contains("\"country\":\"GB\"", stored, StringComparison.Ordinal);
        Assert.Equal([[new Tag("subject:customer-7")], []], (await ReadAsync("customer-7")).Select(recorded => recorded.Tags));
    }

    [Fact]
    public async Task Two_subjects_of_one_event_are_forgotten_apart()
    {
        var process = Process();
        var payment = new PaymentMade("ada", "bob", "GB-1", "GB-2", 10);
        await WriteAsync(process, "payment-1", payment);
        Assert.Equal([new Tag("subject:ada"), new Tag("subject:bob")], (await ReadAsync("payment-1"))[0].Tags);

        await process.GetRequiredService<DataSubjects>().ForgetAsync("bob", Cancellation);

        Assert.Equal([payment with { PayeeAccount = "[forgotten]" }], await LoadAsync(process, "payment-1"));
    }

    [Fact]
    public async Task A_forgotten_subject_reads_as_said_in_the_own_process_at_once_and_in_others_in_time()
    {
        var clock = new HandClock();
        var (here, there) = (Process(), Process(options => options.KeyLifetime = TimeSpan.FromSeconds(30), time: clock));
        await WriteAsync(here, "customer-7", Ada);
        Assert.Equal([Ada], await LoadAsync(here, "customer-7"));
        Assert.Equal([Ada], await LoadAsync(there, "customer-7"));

        Assert.True(await here.GetRequiredService<DataSubjects>().ForgetAsync("customer-7", Cancellation));

        Assert.Equal([Forgotten], await LoadAsync(here, "customer-7"));
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal([Ada], await LoadAsync(there, "customer-7"));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([Forgotten], await LoadAsync(there, "customer-7"));
        Assert.Equal([Forgotten with { Name = "gone", Home = new HomeAddress("gone", 0) }], await LoadAsync(Process(options => options.ForgottenText = "gone"), "customer-7"));
    }

    [Fact]
    public async Task Nothing_personal_of_a_forgotten_subject_is_stored_any_more()
    {
        var process = Process();
        var subjects = process.GetRequiredService<DataSubjects>();
        await WriteAsync(process, "customer-7", Ada);
        Assert.True(await subjects.ForgetAsync("customer-7", Cancellation));
        Assert.False(await subjects.ForgetAsync("customer-7", Cancellation));
        Assert.False(await subjects.ForgetAsync("customer-8", Cancellation));

        foreach (var writer in new[] { process, Process() })
        {
            var refusal = await RefusesAsync<SubjectForgottenException>(() => WriteAsync(writer, "customer-7", new CustomerVisited("customer-7"), Ada));
            Assert.Equal("customer-7", refusal.Subject);
            await RefusesAsync<SubjectForgottenException>(() => WriteAsync(writer, "customer-8", Ada with { CustomerId = "customer-8" }));
            await RefusesAsync<SubjectForgottenException>(() => writer.GetRequiredService<IRepository>().DecideAsync(
                [new DecisionProjection<int>(0).On<CustomerVisited>((count, _) => count + 1)], _ => [Ada], cancellationToken: Cancellation));
        }

        await WriteAsync(process, "customer-7", new CustomerVisited("customer-7"));
        Assert.Equal([Forgotten, new CustomerVisited("customer-7")], await LoadAsync(process, "customer-7"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task What_is_no_subject_is_refused(string subject)
    {
        var process = Process();
        await RefusesAsync<EventSerializationException>(() => WriteAsync(process, "customer-7", Ada with { CustomerId = subject }));
        await Assert.ThrowsAsync<ArgumentException>(() => process.GetRequiredService<DataSubjects>().ForgetAsync(subject, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => process.GetRequiredService<DataSubjects>().FindAsync(subject, Cancellation));
    }

    [Fact]
    public async Task Appends_are_retried_by_their_ids_although_they_are_encrypted_anew()
    {
        var process = Process();
        var serializer = process.GetRequiredService<EventSerializer>();
        var id = Guid.CreateVersion7();
        var (once, again) = (serializer.Serialize(Ada, id: id), serializer.Serialize(Ada, id: id));
        Assert.NotEqual(once.Data.ToArray(), again.Data.ToArray());
        Assert.False((await AppendAsync("customer-7", ExpectedVersion.NoStream, once)).AlreadyStored);
        Assert.True((await AppendAsync("customer-7", ExpectedVersion.NoStream, again)).AlreadyStored);

        var context = new CommandContext { CommandId = "command-1", IsRepeatable = true };
        var repository = process.GetRequiredService<IRepository>();
        for (var run = 0; run < 2; run++)
        {
            var result = await repository.ExecuteAsync("customer-8", Everything, _ => [Ada], context with { }, Cancellation);
            Assert.Equal([Ada], result.Events);
        }

        Assert.Single(await ReadAsync("customer-8"));
    }

    [Fact]
    public async Task Processes_that_write_a_subject_s_first_data_at_once_agree_on_its_key()
    {
        var writers = Enumerable.Range(0, 5).Select(_ => Process()).ToArray();
        for (var round = 0; round < 10; round++)
        {
            using var start = new Barrier(writers.Length);
            await Task.WhenAll(writers.Select((writer, n) => Task.Run(
                async () =>
                {
                    start.SignalAndWait(Cancellation);
                    await WriteAsync(writer, $"customer-{round}-{n}", Ada with { CustomerId = $"customer-{round}" });
                },
                Cancellation)));
            foreach (var reader in writers.Append(Process()))
            {
                for (var n = 0; n < writers.Length; n++)
                {
                    Assert.Equal([Ada with { CustomerId = $"customer-{round}" }], await LoadAsync(reader, $"customer-{round}-{n}"));
                }
            }
        }
    }

    [Fact]
    public async Task An_append_beside_forgetting_is_refused_or_can_never_be_read()
    {
        var (writer, forgetter) = (Process(), Process());
        for (var round = 0; round < 30; round++)
        {
            var subject = $"customer-{round}";
            var stream = new StreamName($"customer-{round}");
            if (round % 2 == 0)
            {
                await WriteAsync(writer, $"{subject}-before", Ada with { CustomerId = subject });
            }

            using var start = new Barrier(2);
            await Task.WhenAll(
                Task.Run(
                    async () =>
                    {
                        start.SignalAndWait(Cancellation);
                        await Task.Delay(round / 5, Cancellation);
                        await forgetter.GetRequiredService<DataSubjects>().ForgetAsync(subject, Cancellation);
                    },
                    Cancellation),
                Task.Run(
                    async () =>
                    {
                        start.SignalAndWait(Cancellation);
                        await Record.ExceptionAsync(() => WriteAsync(writer, stream, Ada with { CustomerId = subject }));
                    },
                    Cancellation));

            var seen = await LoadAsync(Process(), stream);
            Assert.All(seen, one => Assert.Equal("[forgotten]", ((CustomerRegistered)one).Name));
        }
    }

    [Fact]
    public async Task Snapshots_of_a_marked_state_are_encrypted_and_all_of_a_subject_s_are_found_and_deleted()
    {
        var process = Process(build: builder => builder.AddView<CustomerCards, CustomerCard>().AddView<CustomerLabels, CustomerLabel>().AddReactor<CustomerMails>());
        var subjects = process.GetRequiredService<DataSubjects>();
        var repository = process.GetRequiredService<IRepository>();
        var card = new Fold<CustomerCard>(() => new CustomerCard(string.Empty, string.Empty, 0), (state, one) => one switch
        {
            CustomerRegistered registered => new CustomerCard(registered.CustomerId, registered.Name, 0),
            _ => state with { Visits = state.Visits + 1 },
        })
        {
            Snapshots = SnapshotPolicy.Of<CustomerCard>("card", 1, 2),
        };
        var label = new Fold<CustomerLabel>(() => new CustomerLabel(string.Empty, 0), (state, one) => one switch
        {
            CustomerRegistered registered => new CustomerLabel(registered.Name, 0),
            _ => state with { Visits = state.Visits + 1 },
        })
        {
            Snapshots = SnapshotPolicy.Of<CustomerLabel>("label", 1, 2),
        };
        await WriteAsync(process, "customer-7", Ada, new CustomerVisited("customer-7"));
        await WriteAsync(process, "customer-8", Ada with { CustomerId = "customer-8" }, new CustomerVisited("customer-8"));
        foreach (var stream in new StreamName[] { "customer-7", "customer-8" })
        {
            Assert.Equal(new CustomerCard(stream.Value, "Ada Lovelace", 1), (await repository.LoadAsync(stream, card, Cancellation)).State);
            Assert.Equal(new CustomerLabel("Ada Lovelace", 1), (await repository.LoadAsync(stream, label, Cancellation)).State);
        }

        var kept = (await process.GetRequiredService<ISnapshotStore>().LoadAsync("customer-7", "card", Cancellation))!;
        Assert.DoesNotContain("Ada", System.Text.Encoding.UTF8.GetString(kept.State.Span), StringComparison.Ordinal);
        await process.GetRequiredService<ProjectionRunner>().CatchUpAsync(Cancellation);

        var before = await subjects.FindAsync("customer-7", Cancellation);
        await subjects.ForgetAsync("customer-7", Cancellation);
        var after = await subjects.FindAsync("customer-7", Cancellation);

        Assert.Equal((false, true), (before.IsForgotten, after.IsForgotten));
        foreach (var report in new[] { before, after })
        {
            Assert.Equal([new SubjectStream("customer-7", 1, new StreamVersion(1))], report.Streams);
            Assert.Equal(
                [new SubjectSnapshot("customer-7", "card", new StreamVersion(2), false), new SubjectSnapshot("customer-7", "label", new StreamVersion(2), false)],
                report.Snapshots.OrderBy(snapshot => snapshot.Name));
            Assert.Equal([new SubjectView("cards", "customer-7"), new SubjectView("labels", "customer-7")], report.Views);
            Assert.Equal(["mails"], report.Others);
        }

        // What is marked is forgotten everywhere; what is not has to be made anew, and nothing in memory shows it then.
        Assert.Equal(new CustomerCard("customer-7", "[forgotten]", 1), (await repository.LoadAsync("customer-7", card, Cancellation)).State);
        Assert.Equal(new CustomerCard("customer-7", "[forgotten]", 1), await process.GetRequiredService<IViewReader<CustomerCard>>().FindAsync("customer-7", Cancellation));
        Assert.Equal("Ada Lovelace", (await repository.LoadAsync("customer-7", label, Cancellation)).State.Text);
        Assert.Equal(["card", "label"], (await subjects.DeleteSnapshotsAsync("customer-7", Cancellation)).Select(snapshot => snapshot.Name).Order());
        Assert.Equal("[forgotten]", (await repository.LoadAsync("customer-7", label, Cancellation)).State.Text);
        Assert.Equal("Ada Lovelace", (await repository.LoadAsync("customer-8", label, Cancellation)).State.Text);
        Assert.NotNull(await process.GetRequiredService<ISnapshotStore>().LoadAsync("customer-8", "label", Cancellation));
        await process.GetRequiredService<ProjectionRunner>().RebuildAsync("labels", "customer-7", Cancellation);
        Assert.Equal("[forgotten] in GB", (await process.GetRequiredService<IViewReader<CustomerLabel>>().FindAsync("customer-7", Cancellation))!.Text);
    }

    [Fact]
    public async Task States_and_views_of_a_forgotten_subject_are_kept_as_they_read()
    {
        var process = Process(build: builder => builder.AddView<CustomerCards, CustomerCard>());
        var runner = process.GetRequiredService<ProjectionRunner>();
        await WriteAsync(process, "customer-7", Ada);
        await runner.CatchUpAsync(Cancellation);
        await process.GetRequiredService<DataSubjects>().ForgetAsync("customer-7", Cancellation);

        await WriteAsync(process, "customer-7", new CustomerVisited("customer-7"));
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal(new CustomerCard("customer-7", "[forgotten]", 1), await process.GetRequiredService<IViewReader<CustomerCard>>().FindAsync("customer-7", Cancellation));
        Assert.Equal("[forgotten]", (await Process(build: builder => builder.AddView<CustomerCards, CustomerCard>()).GetRequiredService<LiveViews>()
            .FoldAsync(new CustomerCards(), "customer-7", cancellationToken: Cancellation))!.Name);
    }
}
