using EventSourcing;

namespace Retail.Accounts;

/// <summary>Enters an invoice into the account that it belongs to; where its rows belong to several, into all at once.</summary>
public sealed class EnterInvoiceHandler(IRepository repository) : ICommandHandler<EnterInvoice>
{
    /// <inheritdoc/>
    public async Task<CommandResult> HandleAsync(EnterInvoice command, CommandContext context, CancellationToken cancellationToken = default)
    {
        var byAccount = command.Rows.GroupBy(CustomerAccount.StreamOf).ToList();
        if (byAccount is [var only])
        {
            return await repository.ExecuteAsync<CustomerAccount>(
                only.Key, account => only.ToList().ForEach(account.Enter), context, cancellationToken);
        }

        var accounts = new List<Aggregate>();
        foreach (var rows in byAccount)
        {
            var account = await repository.LoadAsync<CustomerAccount>(rows.Key, cancellationToken);
            rows.ToList().ForEach(account.Enter);
            accounts.Add(account);
        }

        return await repository.SaveAsync(accounts, context, cancellationToken);
    }
}
