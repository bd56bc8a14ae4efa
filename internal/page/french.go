package page

var french = wording{
	language: "fr", signedIn: "Connecté en tant que", reference: "Référence", contact: "Des questions ?",
	labels: [labels]string{
		SignIn: "Se connecter", SignInAgain: "Se reconnecter", TryAgain: "Réessayer", StartPage: "Aller à la page d’accueil",
		SignOut: "Se déconnecter", AnotherAccount: "Utiliser un autre compte", Email: "Ou par votre adresse e-mail", Next: "Suivant",
	},
	texts: [subjects]text{
		Internal:          {"Une erreur s’est produite", "Veuillez réessayer plus tard. Si cela se reproduit, communiquez cette référence au responsable du site."},
		UnknownHost:       {"Il n’y a pas de site ici", "Veuillez vérifier l’adresse."},
		SiteUnavailable:   {"Ce site n’est pas disponible pour le moment", "Veuillez réessayer dans un instant."},
		BadPath:           {"Cette adresse ne fonctionne pas", "Veuillez vérifier l’adresse ou aller à la page d’accueil."},
		MethodNotAllowed:  {"Ce n’est pas possible ici", "Cette adresse n’est pas prévue pour cet usage."},
		CookiesNotKept:    {"Votre navigateur ne conserve pas la connexion", "Veuillez autoriser les cookies pour ce site, ou continuer dans le navigateur où vous avez commencé, puis réessayer."},
		AlreadySignedIn:   {"Vous êtes déjà connecté", "Cette connexion est déjà terminée. Il n’y a plus rien à faire ici."},
		AccessDenied:      {"Vous n’avez pas été connecté", "La connexion a été annulée ou refusée."},
		AccountRefused:    {"Ce site ne vous est pas ouvert", "Le compte avec lequel vous vous êtes connecté n’a pas accès à ce site."},
		Forbidden:         {"Cette page ne vous est pas ouverte", "Vous êtes connecté, mais votre compte n’a pas accès à cette page."},
		SignInUnavailable: {"La connexion est impossible pour le moment", "Le service de connexion ne répond pas. Veuillez réessayer dans un instant."},
		SignInFailed:      {"La connexion a échoué", "Elle a pris trop de temps, a été commencée dans un autre navigateur, ou son lien a déjà été utilisé."},
		SignInBroken:      {"La connexion ne fonctionne pas", "La connexion à ce site doit être réparée. Veuillez communiquer cette référence à son responsable."},
		SignInRequired:    {"Veuillez vous connecter", "Connectez-vous pour continuer."},
		ChooseProvider:    {"Choisissez comment vous connecter", "Vous reviendrez ensuite ici."},
		SignInElsewhere:   {"Veuillez vous connecter", "La connexion s’ouvre dans une fenêtre à part. Cette page continue ensuite d’elle-même, sinon continuez dans cette fenêtre."},
		OpenInBrowser:     {"Cette adresse demande une connexion", "Ouvrez-la dans votre navigateur."},
		ConfirmLogout:     {"Se déconnecter ?", "Vous serez déconnecté de ce site."},
		SignedOut:         {"Vous êtes déconnecté", "Vous pouvez fermer cette fenêtre ou vous reconnecter."},
	},
}
