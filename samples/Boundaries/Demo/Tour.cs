using System.Globalization;
using Boundaries.Courses;
using Boundaries.Invoices;
using Boundaries.OptIn;
using Boundaries.Prices;
using Boundaries.Submissions;
using Boundaries.UserNames;
using EventSourcing;
using Spectre.Console;

namespace Boundaries.Demo;

/// <summary>Shows each example with many who want the same thing at once.</summary>
/// <param name="repository">Where they decide.</param>
/// <param name="console">Where it is shown.</param>
/// <param name="run">In every name, so that a second run on the same log finds nothing of the first.</param>
/// <param name="now">The time; the examples are told it.</param>
public sealed class Tour(IRepository repository, IAnsiConsole console, string run, DateTimeOffset now)
{
    private const int Rivals = 16;

    /// <summary>Goes through all examples.</summary>
    public async Task ShowAsync(CancellationToken cancellationToken)
    {
        await CoursesAsync(cancellationToken);
        await UserNamesAsync(cancellationToken);
        await InvoicesAsync(cancellationToken);
        await OptInAsync(cancellationToken);
        await PricesAsync(cancellationToken);
        await SubmissionsAsync(cancellationToken);
    }

    private static IEnumerable<IDecision> Each(Func<int, IDecision> rival) => Enumerable.Range(1, Rivals).Select(rival);

    private async Task CoursesAsync(CancellationToken cancellationToken)
    {
        Heading("Course subscriptions");
        var course = $"logic-{run}";
        await ShowAsync("a course with room for 4", [new DefineCourse(course, 4)], cancellationToken);
        await ShowAsync("16 students at once", Each(student => new Subscribe(course, $"student-{run}-{student}")), cancellationToken);
        await ShowAsync("16 courses are offered", Each(number => new DefineCourse($"{course}-{number}", 20)), cancellationToken);
        await ShowAsync("one student wants them all at once", Each(number => new Subscribe($"{course}-{number}", $"ada-{run}")), cancellationToken);
    }

    private async Task UserNamesAsync(CancellationToken cancellationToken)
    {
        Heading("Unique user names");
        var name = $"ada-{run}";
        await ShowAsync("16 users claim one name at once", Each(user => new ClaimUserName(name, $"user-{run}-{user}", now)), cancellationToken);
        await ShowAsync("all 16 leave", Each(user => new ReleaseUserName($"user-{run}-{user}", now)), cancellationToken);
        await ShowAsync("another claims it, in other letters", [new ClaimUserName(name.ToUpperInvariant(), $"eve-{run}", now.AddDays(29))], cancellationToken);
        await ShowAsync("and again when 30 days are over", [new ClaimUserName(name, $"eve-{run}", now.AddDays(30))], cancellationToken);
    }

    private async Task InvoicesAsync(CancellationToken cancellationToken)
    {
        Heading("Gapless invoice numbers");
        var issued = await ShowAsync("16 invoices at once", Each(customer => new IssueInvoice($"customer-{run}-{customer}", 10 * customer)), cancellationToken);
        Line("their numbers", string.Join(' ', issued.Cast<InvoiceIssued>().Select(invoice => invoice.Number).Order()));
    }

    private async Task OptInAsync(CancellationToken cancellationToken)
    {
        Heading("One-time opt-in token");
        var subscriber = $"bob-{run}";
        await ShowAsync("a token is sent", [new RequestOptIn(subscriber, "4711", now)], cancellationToken);
        await ShowAsync("somebody else tries it", [new ConfirmOptIn($"eve-{run}", "4711", now)], cancellationToken);
        await ShowAsync("its link is opened 16 times at once", Each(_ => new ConfirmOptIn(subscriber, "4711", now.AddMinutes(5))), cancellationToken);
        await ShowAsync("a further token is sent", [new RequestOptIn(subscriber, "4712", now)], cancellationToken);
        await ShowAsync("and used when an hour is over", [new ConfirmOptIn(subscriber, "4712", now.AddHours(1))], cancellationToken);
    }

    private async Task PricesAsync(CancellationToken cancellationToken)
    {
        Heading("Prices with a grace period");
        var (tea, milk) = ($"tea-{run}", $"milk-{run}");
        OrderLine[] seen = [new(tea, 4.00m), new(milk, 1.20m)];
        await ShowAsync("tea costs 4.00, milk 1.20", [new SetPrice(tea, 4.00m, now), new SetPrice(milk, 1.20m, now)], cancellationToken);
        await ShowAsync("a customer has seen it; tea goes up to 5.00", [new SetPrice(tea, 5.00m, now.AddMinutes(1))], cancellationToken);
        await ShowAsync("the order comes 9 minutes later", [new PlaceOrder($"order-{run}-1", seen, now.AddMinutes(10))], cancellationToken);
        await ShowAsync("another one 10 minutes later", [new PlaceOrder($"order-{run}-2", seen, now.AddMinutes(11))], cancellationToken);
    }

    private async Task SubmissionsAsync(CancellationToken cancellationToken)
    {
        Heading("No submission twice");
        var form = Guid.CreateVersion7();
        await ShowAsync("a form is sent 16 times at once", Each(_ => new SubmitApplication(form, "Ada", "a reader's card")), cancellationToken);
        await ShowAsync("and once more, changed", [new SubmitApplication(form, "Ada", "two readers' cards")], cancellationToken);
    }

    /// <summary>Makes decisions at once, and shows what came of them.</summary>
    private async Task<IReadOnlyList<object>> ShowAsync(string what, IEnumerable<IDecision> decisions, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(decisions.Select(decision => Task.Run(
            async () =>
            {
                try
                {
                    var result = await repository.DecideAsync(decision, cancellationToken: cancellationToken);
                    return (result.Events, Text: result.Events.Count > 0 ? string.Join(", ", result.Events.Select(one => one.GetType().Name)) : "nothing to do");
                }
                catch (RefusedException refusal)
                {
                    return (Events: [], Text: refusal.Message.Replace($"-{run}", string.Empty, StringComparison.Ordinal));
                }
            },
            cancellationToken)));
        Line(what, string.Join(" · ", outcomes.GroupBy(outcome => outcome.Text).OrderByDescending(group => group.First().Events.Count).Select(group =>
            outcomes.Length == 1 ? group.Key : string.Create(CultureInfo.InvariantCulture, $"{group.Count()} × {group.Key}"))));
        return [.. outcomes.SelectMany(outcome => outcome.Events)];
    }

    private void Heading(string text)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{text}[/]");
    }

    private void Line(string what, string outcome) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {what,-44} {outcome}");
}
