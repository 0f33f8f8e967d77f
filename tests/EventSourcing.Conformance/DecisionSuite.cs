using System.Globalization;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Decisions by several small projections, appended in one step: decided again when something that they know has changed.</summary>
public abstract class DecisionSuite : TaggedSuite
{
    private readonly EventSerializer serializer = new(
        new EventTypeRegistry().Add<CourseDefined>().Add<CapacityChanged>().Add<StudentSubscribed>().Add<Numbered>());

    private interface ICapacity
    {
        int Seats { get; }
    }

    private Repository Repository => new(Store, serializer, new ConflictRetryOptions { MaxAttempts = 1_000 });

    private Repository Impatient => new(Store, serializer, new ConflictRetryOptions { MaxAttempts = 3, FirstDelay = TimeSpan.Zero });

    private static DecisionProjection<int> Capacity(string course) => new DecisionProjection<int>(0, Tag.For("course", course))
        .On<CourseDefined>((_, defined) => defined.Seats)
        .On<CapacityChanged>((_, changed) => changed.Seats);

    private static DecisionProjection<int> Taken(string course) =>
        new DecisionProjection<int>(0, Tag.For("course", course)).On<StudentSubscribed>((count, _) => count + 1);

    private static DecisionProjection<int> Own(string student) =>
        new DecisionProjection<int>(0, Tag.For("student", student)).On<StudentSubscribed>((count, _) => count + 1);

    [Fact]
    public async Task What_the_projections_know_decides_and_what_is_decided_stands_in_a_stream_of_its_own_with_its_tags()
    {
        await DefineAsync("c1", 3);
        await DefineAsync("c2", 5);
        await SubscribeAsync(Repository, "c1", "ada");
        await SubscribeAsync(Repository, "c2", "ada");
        await SubscribeAsync(Repository, "c2", "bob");
        await Repository.DecideAsync([Capacity("c1")], _ => [new CapacityChanged("c1", 4)], cancellationToken: Cancellation);
        var (capacity, taken, own) = (Capacity("c1"), Taken("c1"), Own("ada"));
        (int, int, int) known = default;

        var context = new CommandContext { CommandId = "command-1", Actor = "clerk", CorrelationId = "talk-1" };
        var result = await Repository.DecideAsync(
            [capacity, taken, own],
            state =>
            {
                known = (state.Of(capacity), state.Of(taken), state.Of(own));
                return [new StudentSubscribed("c1", "bob"), new StudentSubscribed("c1", "cyd")];
            },
            context,
            Cancellation);

        Assert.Equal((4, 1, 2), known);
        Assert.Equal([new StudentSubscribed("c1", "bob"), new StudentSubscribed("c1", "cyd")], result.Events);
        var stream = Assert.Single(result.Streams);
        Assert.Equal(("decision", 2L), (stream.Stream.Category, stream.Version.Value));
        var stored = await ReadAsync(stream.Stream);
        Assert.Equal(result.Position, stored[1].Position);
        Assert.Equal([["course:c1", "student:bob"], ["course:c1", "student:cyd"]], stored.Select(recorded => recorded.Tags.Select(tag => tag.Value)));
        Assert.All(stored, recorded =>
        {
            var metadata = serializer.Deserialize(recorded).Metadata;
            Assert.Equal(("command-1", "clerk", "talk-1"), (metadata.CommandId, metadata.Actor, metadata.CorrelationId));
        });
        Assert.Equal(3, (await QueryAsync(Query("student-subscribed | course:c1"))).Events.Count);
    }

    [Fact]
    public async Task It_decides_again_on_what_has_been_stored_meanwhile()
    {
        await DefineAsync("c1", 2);
        var (capacity, taken) = (Capacity("c1"), Taken("c1"));
        var seen = new List<int>();

        var result = await Repository.DecideAsync(
            [capacity, taken],
            state =>
            {
                seen.Add(state.Of(taken));
                if (seen.Count <= 2)
                {
                    // First what spoils it; then what does not.
                    Wait(SubscribeAsync(Repository, seen.Count == 1 ? "c1" : "c2", "rival"));
                }

                return [new StudentSubscribed("c1", "ada")];
            },
            cancellationToken: Cancellation);

        Assert.Equal([0, 1], seen);
        Assert.Equal([new StudentSubscribed("c1", "ada")], result.Events);
        Assert.Equal(4, await HeadAsync());
    }

    [Fact]
    public async Task Where_every_attempt_meets_a_rival_it_ends_with_the_conflict()
    {
        await DefineAsync("c1", 2);
        var taken = Taken("c1");
        var attempts = 0;

        var conflict = await Assert.ThrowsAsync<ConcurrencyConflictException>(() => Impatient.DecideAsync(
            [taken],
            _ =>
            {
                attempts++;
                Wait(StoreAsync(serializer.Serialize(new StudentSubscribed("c1", "rival"))));
                return [new StudentSubscribed("c1", "ada")];
            },
            cancellationToken: Cancellation));

        Assert.Equal((3, new LogPosition(4), 4L), (attempts, conflict.Unseen, await HeadAsync()));
        Assert.Empty(conflict.Conflicts);
    }

    [Fact]
    public async Task Where_nothing_follows_nothing_is_written_and_a_refusal_is_the_callers()
    {
        var taken = Taken("c1");
        Assert.Equal(LogPosition.Start, (await Repository.DecideAsync([taken], _ => [], cancellationToken: Cancellation)).Position);
        await SubscribeAsync(Repository, "c1", "ada");
        await SubscribeAsync(Repository, "c2", "ada");
        var before = await HeadAsync();

        var nothing = await Repository.DecideAsync([taken], _ => [], cancellationToken: Cancellation);

        Assert.Empty(nothing.Events);
        Assert.Empty(nothing.Streams);
        Assert.Equal((new LogPosition(1), before), (nothing.Position, await HeadAsync()));
        var refusal = await RefusesAsync<InvalidTimeZoneException>(() => Repository.DecideAsync([taken], _ => throw new InvalidTimeZoneException("Full."), cancellationToken: Cancellation));
        Assert.Equal("Full.", refusal.Message);
        await RefusesAsync<InvalidTimeZoneException>(() => Repository.DecideAsync([taken], _ => FirstOneThenNone(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_command_that_comes_again_answers_as_the_first_time()
    {
        var command = new CommandContext { CommandId = "enrol-1", IsRepeatable = true };
        var taken = Taken("c1");
        var first = await Repository.DecideAsync([taken], _ => [new StudentSubscribed("c1", "ada"), new StudentSubscribed("c1", "bob")], command, Cancellation);
        await SubscribeAsync(Repository, "c1", "cyd");
        var before = await HeadAsync();

        // By another process, with another answer by now, and by one that refuses by now.
        foreach (var decide in new Func<DecisionState, IEnumerable<object>>[] { _ => [new StudentSubscribed("c1", "dan")], _ => [], _ => throw new InvalidOperationException("Enrolled already.") })
        {
            var again = await Repository.DecideAsync([Taken("c1")], decide, command with { Actor = "somebody" }, Cancellation);

            Assert.Equal((first.Position, before), (again.Position, await HeadAsync()));
            Assert.Equal(first.Streams, again.Streams);
            Assert.Equal(first.Events, again.Events);
        }

        await Repository.DecideAsync([taken], _ => [new StudentSubscribed("c1", "eve")], command with { CommandId = "enrol-2" }, Cancellation);
        await Repository.DecideAsync([taken], _ => [new StudentSubscribed("c1", "eve")], command with { IsRepeatable = false }, Cancellation);
        Assert.Equal(before + 2, await HeadAsync());
    }

    [Fact]
    public async Task Of_a_command_that_runs_many_times_at_once_one_run_appends()
    {
        for (var round = 0; round < 10; round++)
        {
            var command = new CommandContext { CommandId = $"number-{round}", IsRepeatable = true };
            var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => NumberAsync(command), Cancellation))).WaitAsync(Patience, Cancellation);

            Assert.All(results, result => Assert.Equal([new Numbered(round + 1)], result.Events));
            Assert.Single(results.Select(result => result.Position).Distinct());
            Assert.Equal(round + 1, await HeadAsync());
        }
    }

    [Fact]
    public async Task A_second_run_that_has_decided_otherwise_answers_with_what_is_stored()
    {
        // Both runs have looked for an earlier one and found none; meanwhile another number was given, so they decide differently.
        var command = new CommandContext { CommandId = "number-1", IsRepeatable = true };
        var isFirst = true;
        var last = new DecisionProjection<int>(0, "numbers").On<Numbered>((_, numbered) => numbered.Number).LatestOnly();

        var late = await Repository.DecideAsync(
            [last],
            state =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    Wait(NumberAsync(new CommandContext()));
                    Wait(NumberAsync(command));
                }

                return [new Numbered(state.Of(last) + 1)];
            },
            command,
            Cancellation);

        Assert.Equal([new Numbered(2)], late.Events);
        Assert.Equal((new LogPosition(2), 2L), (late.Position, await HeadAsync()));
    }

    [Fact]
    public async Task Stored_events_of_older_shapes_count_as_what_they_are_by_now()
    {
        var types = new EventTypeRegistry().Add<CourseDefined>().Add<CapacityChanged>().Add<StudentSubscribed>();
        types.Upcasters
            .AddJson("course-made", "course-defined", (payload, _) => payload["seats"] = (int?)payload["places"])
            .AddJsonMany(
                "class-subscribed",
                (payload, _) => [.. payload["students"]!.AsArray().Select(student => new EventJson("student-subscribed", new() { ["courseId"] = "c1", ["studentId"] = (string?)student }))],
                "student-subscribed");
        await StoreAsync(
            new EventData(Guid.NewGuid(), "course-made", """{"courseId":"c1","places":30}"""u8.ToArray(), tags: ["course:c1"]),
            new EventData(Guid.NewGuid(), "class-subscribed", """{"students":["a","b","c"]}"""u8.ToArray(), tags: ["course:c1"]));
        var (capacity, taken) = (Capacity("c1"), Taken("c1"));
        var attempts = 0;

        await new Repository(Store, new EventSerializer(types)).DecideAsync(
            [capacity, taken],
            state =>
            {
                // One that is of the older shape spoils it too.
                Assert.Equal((30, attempts == 0 ? 3 : 4), (state.Of(capacity), state.Of(taken)));
                if (attempts++ == 0)
                {
                    Wait(StoreAsync(new EventData(Guid.NewGuid(), "class-subscribed", """{"students":["d"]}"""u8.ToArray(), tags: ["course:c1"])));
                }

                return [new StudentSubscribed("c1", "e")];
            },
            cancellationToken: Cancellation);

        Assert.Equal((2, 4L), (attempts, await HeadAsync()));
    }

    [Fact]
    public async Task Each_projection_gets_its_own_events_however_their_queries_overlap()
    {
        await Repository.DecideAsync(
            [Capacity("c1")], _ => [new CourseDefined("c1", 9), new CapacityChanged("c1", 7), new Numbered(3), new CapacityChanged("c2", 5), new Numbered(4)], cancellationToken: Cancellation);
        var all = new DecisionProjection<string>(string.Empty).On<object>((text, @event) => text + @event.GetType().Name[..1]);
        var seats = new DecisionProjection<string>(string.Empty).On<ICapacity>((text, capacity) => $"{text}{capacity.Seats} ").On<CapacityChanged>((text, changed) => $"{text}changed to {changed.Seats} ");
        var latest = new DecisionProjection<string>("none").On<ICapacity>((_, capacity) => capacity.ToString()!).LatestOnly();
        var latestOfOne = new DecisionProjection<string>("none", Tag.For("course", "c1")).On<ICapacity>((text, capacity) => $"{text} {capacity.Seats}").LatestOnly();
        var none = new DecisionProjection<string?>(null, Tag.For("course", "c1"), "numbers").On<Numbered>((_, numbered) => numbered.ToString());
        DecisionState? known = null;

        await Repository.DecideAsync(
            [all, seats, latest, latestOfOne, none],
            state =>
            {
                known = state;
                return [];
            },
            cancellationToken: Cancellation);

        Assert.Equal(
            ("CCNCN", "9 changed to 7 changed to 5 ", "CapacityChanged { CourseId = c2, Seats = 5 }", "none 7", null),
            (known!.Of(all), known.Of(seats), known.Of(latest), known.Of(latestOfOne), known.Of(none)));
        Assert.Throws<ArgumentException>(() => known.Of(Capacity("c1")));
    }

    [Fact]
    public async Task A_course_is_never_overbooked_and_nobody_takes_too_much_whoever_races()
    {
        const int Seats = 4;
        const int Most = 2;
        string[] courses = ["c1", "c2", "c3"];
        foreach (var course in courses)
        {
            await DefineAsync(course, Seats);
        }

        var random = new Random(1);
        var wishes = Enumerable.Range(0, 8).SelectMany(student => courses.Select(course => (Course: course, Student: $"s{student}"))).OrderBy(_ => random.Next()).ToList();
        await Task.WhenAll(wishes.Select(wish => Task.Run(() => SubscribeAsync(Repository, wish.Course, wish.Student, Most, isSlow: true), Cancellation))).WaitAsync(Patience, Cancellation);

        var subscribed = (await QueryAsync(Query("student-subscribed"))).Events.Select(recorded => (StudentSubscribed)serializer.Deserialize(recorded).Event).ToList();
        Assert.Equal(subscribed.Count, subscribed.Distinct().Count());
        Assert.Equal(courses.Length * Seats, subscribed.Count);
        Assert.All(subscribed.GroupBy(one => one.StudentId), one => Assert.InRange(one.Count(), 1, Most));
    }

    [Fact]
    public async Task Decisions_that_do_not_concern_the_same_events_are_decided_once()
    {
        var attempts = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(course => Task.Run(
            async () =>
            {
                for (var i = 0; i < 5; i++)
                {
                    var name = course.ToString(CultureInfo.InvariantCulture);
                    await Repository.DecideAsync(
                        [Taken(name)],
                        _ =>
                        {
                            Interlocked.Increment(ref attempts);
                            return [new StudentSubscribed(name, $"student{course}")];
                        },
                        cancellationToken: Cancellation);
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);

        Assert.Equal((80, 80L), (attempts, await HeadAsync()));
    }

    [Fact]
    public async Task What_makes_no_decision_is_refused()
    {
        var taken = Taken("c1");
        Task DecideAsync(params DecisionProjection[] projections) => Repository.DecideAsync(projections, _ => [new Numbered(1)], cancellationToken: Cancellation);
        await RefusesAsync<ArgumentException>(() => DecideAsync(null!));
        await RefusesAsync<ArgumentException>(() => DecideAsync());
        await RefusesAsync<ArgumentException>(() => DecideAsync(taken, null!));
        await RefusesAsync<ArgumentException>(() => DecideAsync(taken, Capacity("c1"), taken));
        await RefusesAsync<ArgumentException>(() => DecideAsync([.. Enumerable.Range(0, EventQuery.MaxItems + 1).Select(i => Taken($"c{i}"))]));
        await RefusesAsync<ArgumentException>(() => Repository.DecideAsync([taken], null!, cancellationToken: Cancellation));
        await RefusesAsync<InvalidOperationException>(() => DecideAsync(new DecisionProjection<int>(0, "course:c1")));
        var unknown = await RefusesAsync<InvalidOperationException>(() => DecideAsync(taken, new DecisionProjection<int>(0).On<Unregistered>((count, _) => count)));
        Assert.Contains(nameof(Unregistered), unknown.Message, StringComparison.Ordinal);
        await RefusesAsync<InvalidOperationException>(() => Repository.DecideAsync([taken], _ => null!, cancellationToken: Cancellation));
        await RefusesAsync<InvalidOperationException>(() => Repository.DecideAsync([taken], _ => [new Numbered(1), new Unregistered()], cancellationToken: Cancellation));
        await RefusesAsync<ArgumentNullException>(() => Repository.DecideAsync([taken], _ => [new Numbered(1), null!], cancellationToken: Cancellation));
        await RefusesAsync<EventSerializationException>(() => Repository.DecideAsync([taken], _ => [new Numbered(1), new StudentSubscribed("c1", "line\n")], cancellationToken: Cancellation));
        await RefusesAsync<ArgumentException>(() => Repository.DecideAsync([taken], _ => [new StudentSubscribed("c1", "ada")], new CommandContext { Actor = "lone" + '\ud800' }, Cancellation));
        await RefusesAsync<ArgumentException>(() => Repository.DecideAsync([taken], _ => [new CourseDefined("c1", 1) { Text = new string('x', MaxEventBytes) }], cancellationToken: Cancellation));
        await RefusesAsync<OperationCanceledException>(() => Repository.DecideAsync([taken], _ => [new Numbered(1)], cancellationToken: new CancellationToken(canceled: true)));
        Assert.Throws<ArgumentException>(() => new DecisionProjection<int>(0, default(Tag)));
        Assert.Throws<ArgumentNullException>(() => taken.On<Numbered>(null!));
        Assert.Throws<InvalidOperationException>(() => taken.On<StudentSubscribed>((count, _) => count));
    }

    [Fact]
    public async Task A_stored_event_that_cannot_be_read_ends_the_decision_and_says_where_it_is()
    {
        await StoreAsync(NewEvent(), new EventData(Guid.NewGuid(), "student-subscribed", "7"u8.ToArray(), tags: ["course:c1"]));

        var damaged = await RefusesAsync<EventSerializationException>(() => SubscribeAsync(Repository, "c1", "ada"));
        Assert.Contains("student-subscribed", damaged.Message, StringComparison.Ordinal);

        // One that does not concern it does not.
        await SubscribeAsync(Repository, "c2", "ada");
    }

    private static IEnumerable<object> FirstOneThenNone()
    {
        yield return new Numbered(1);
        throw new InvalidTimeZoneException("Only half decided.");
    }

    // Deciding is not asynchronous; a rival who comes just then is waited for elsewhere, so that no test runner's context is in the way.
    private static void Wait(Task rival) => Task.Run(() => rival, Cancellation).GetAwaiter().GetResult();

    private Task<CommandResult> DefineAsync(string course, int seats) => Repository.DecideAsync([Capacity(course)], _ => [new CourseDefined(course, seats)], cancellationToken: Cancellation);

    private Task<CommandResult> SubscribeAsync(Repository repository, string course, string student, int most = int.MaxValue, bool isSlow = false)
    {
        var (capacity, taken, own) = (Capacity(course), Taken(course), Own(student));
        return repository.DecideAsync(
            [capacity, taken, own],
            state =>
            {
                if (isSlow)
                {
                    // So that rivals decide on the same state, however quick the store is.
                    Thread.Sleep(1);
                }

                return (state.Of(capacity) > 0 && state.Of(taken) >= state.Of(capacity)) || state.Of(own) >= most ? [] : [new StudentSubscribed(course, student)];
            },
            cancellationToken: Cancellation);
    }

    private Task<CommandResult> NumberAsync(CommandContext context)
    {
        var last = new DecisionProjection<int>(0, "numbers").On<Numbered>((_, numbered) => numbered.Number).LatestOnly();
        return Repository.DecideAsync([last], state => [new Numbered(state.Of(last) + 1)], context, Cancellation);
    }

    [EventType("course-defined")]
    private sealed record CourseDefined([Tag("course")] string CourseId, int Seats) : ICapacity
    {
        public string? Text { get; init; }
    }

    [EventType("capacity-changed")]
    private sealed record CapacityChanged([Tag("course")] string CourseId, int Seats) : ICapacity;

    [EventType("student-subscribed")]
    private sealed record StudentSubscribed([Tag("course")] string CourseId, [Tag("student")] string StudentId);

    [EventType("numbered")]
    [Tag("numbers")]
    private sealed record Numbered(int Number);

    private sealed record Unregistered;
}
